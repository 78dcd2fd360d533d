//! What of a config can be served, and what is only read.

mod modules;
mod refuse;
mod served;
mod served_automation;
mod served_handlers;
mod served_logs;
mod served_proxy;
mod served_tls;
mod shown;

pub use modules::serves_module;
use refuse::Runs;
pub(crate) use refuse::refused;
pub use refuse::{not_yet, not_yet_in};
pub use shown::shown;
