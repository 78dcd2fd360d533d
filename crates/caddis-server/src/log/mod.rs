//! Logs: what happens goes through `tracing` and the access log to one thread, which writes it as the config says.

mod current;
mod encode;
mod entry;
mod file;
mod files;
mod filter;
mod logs;
mod nested;
mod rolled;
mod sink;
mod subscribe;

pub(crate) use current::Current;
pub(crate) use encode::headers;
pub(crate) use entry::{About, Access, Asked, Entry, Failed, Level, host};
pub(crate) use logs::{Kept, LogError, Logs};
pub(crate) use nested::Nested;
