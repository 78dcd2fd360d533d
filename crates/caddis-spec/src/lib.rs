//! Request and response scripts (`.ctest`): parse them, run them on a service, report.

mod parse;
mod pattern;
pub mod spec;

pub use parse::parse;
pub use pattern::Pattern;
pub use spec::Spec;
