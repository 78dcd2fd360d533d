//! `expression`: conditions in CEL, checked and compiled when the config is built.

mod calls;
mod check;
mod condition;
mod environment;
mod functions;
mod matcher;
mod operand;
mod source;
#[cfg(test)]
mod tests;
mod types;

pub(crate) use matcher::ExpressionMatcher;
