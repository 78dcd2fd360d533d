//! Request and response scripts (`.ctest`): parse them, run them on a service, report.
//!
//! A script is run on a [`Subject`]: a server that was started with the script's config in a world of its own, in
//! process or over sockets ([`Wire`]). Upstreams are [`Stubs`], which answer and keep a record.

mod check;
mod client;
mod golden;
mod heard;
mod in_memory;
mod parse;
mod password;
mod pattern;
pub mod report;
mod run;
mod script;
pub mod spec;
mod stubs;
mod subject;
pub mod suite;
mod wire;

pub use check::Mismatch;
pub use golden::{Adapt, Golden};
pub use heard::Heard;
pub use in_memory::talk;
pub use parse::parse;
pub use pattern::Pattern;
pub use run::{Failure, Outcome, run};
pub use script::Script;
pub use spec::Spec;
pub use stubs::{Received, Record, Stubs};
pub use subject::{Answer, Problem, Sent, Start, Subject, Task, World};
pub use wire::Wire;
