//! Rules over a Caddyfile and the routes that it becomes, with witnesses and fixes.

mod adopted;
mod check;
mod context;
mod environment;
mod finding;
mod gaps;
mod lines;
mod lint;
mod models;
mod routes;
mod rule;
mod rules;
mod secrets;
mod settings;
mod suppress;
#[cfg(test)]
mod table;

pub use context::Context;
pub use environment::Environment;
pub use finding::{Finding, Witness};
pub use lint::lint;
pub use routes::Request;
pub use rule::{Choice, Level, Phase, Rule, Safety, Value};
pub use rules::RULES;
pub use settings::{Profile, Setting, Settings, find, selects_something};
