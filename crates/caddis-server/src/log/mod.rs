//! Logs: what happens goes through `tracing` and the access log to one thread, which writes it as the config says.

mod change;
mod current;
mod encode;
mod entry;
mod failures;
mod fields;
mod file;
#[cfg(test)]
mod file_tests;
mod files;
mod filter;
mod form;
pub(crate) mod go_time;
mod keeping;
mod logs;
mod mask;
mod nested;
mod net;
mod rolled;
mod sampling;
mod secrets;
mod sink;
mod subscribe;

pub(crate) use current::Current;
pub(crate) use entry::{About, Access, Asked, Entry, Failed, Level, host};
pub(crate) use fields::headers;
pub(crate) use logs::{Kept, LogError, Logs};
pub(crate) use nested::Nested;
