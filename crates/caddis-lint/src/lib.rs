//! Rules over a Caddyfile and the routes that it becomes, with witnesses and fixes.

mod adopted;
mod baseline;
mod check;
mod context;
mod environment;
mod explain;
mod file;
mod finding;
#[cfg(test)]
mod fixed_tests;
mod fixes;
pub mod formats;
mod gaps;
mod lines;
mod lint;
mod linted;
mod models;
mod proxies;
mod routes;
mod rule;
mod rules;
mod secrets;
mod settings;
#[cfg(test)]
mod shapes;
mod suppress;
#[cfg(test)]
mod suppress_tests;
#[cfg(test)]
mod table;

pub use baseline::Baseline;
pub use context::Context;
pub use environment::Environment;
pub use explain::{explain, list};
pub use file::File;
pub use finding::{Finding, Witness};
pub use fixes::{Fixing, fixed};
pub use lint::lint;
pub use linted::Linted;
pub use routes::Request;
pub use rule::{Choice, Level, Phase, Rule, Safety, Value};
pub use rules::RULES;
pub use settings::{Profile, Setting, Settings, find, selects_something};
