//! Logs: what happens goes through `tracing` and the access log to one thread, which writes it as the config says.

mod encode;
mod entry;
mod file;
mod filter;
mod logs;
mod nested;
mod sink;
mod subscribe;

pub(crate) use encode::headers;
pub(crate) use entry::{About, Access, Entry, Level, host};
pub(crate) use logs::{Kept, Logs};
pub(crate) use nested::Nested;
pub(crate) use subscribe::install;
