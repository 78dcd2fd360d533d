//! Global options: the block at the top of a file.

mod admin;
mod certificates;
mod events;
mod https;
mod log;
mod order;
mod pki;
mod ports;
mod server;
mod servers;
mod storage;
mod switches;
mod table;
mod timing;
mod values;
mod wrappers;

pub use table::GlobalOption;

pub(crate) use server::{ServerOptions, apply as apply_server_options, metrics};
pub(crate) use table::{OPTIONS, read};
pub(crate) use values::Options;
