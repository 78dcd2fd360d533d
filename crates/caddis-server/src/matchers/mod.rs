//! Which requests a route takes; one file per matcher, named as in the JSON.

mod escaped;
mod expression;
pub(crate) mod file;
mod file_glob;
mod file_search;
pub(crate) mod glob;
mod header;
pub(crate) mod host;
pub(crate) mod ip;
mod look;
mod path;
mod protocol;
mod query;
pub(crate) mod regexp;
mod response;
mod set;
#[cfg(test)]
mod tests;
mod vars;

pub(crate) use header::HeaderMatcher;
pub(crate) use look::{Look, failed};
pub(crate) use response::ResponseMatcher;
pub(crate) use set::Sets;
