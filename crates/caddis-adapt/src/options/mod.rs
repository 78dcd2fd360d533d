//! Global options: the block at the top of a file.

mod acme;
mod admin;
mod certificates;
mod ech;
mod events;
mod filesystem;
mod https;
mod log;
mod maintenance;
mod metrics;
mod on_demand;
mod order;
mod pki;
mod ports;
mod server;
mod servers;
mod storage;
mod switches;
mod table;
mod timing;
mod tls_values;
mod values;
mod wrappers;

pub use table::GlobalOption;

pub(crate) use server::{ServerOptions, apply as apply_server_options, metrics as server_metrics};
pub(crate) use storage::read as read_storage;
pub(crate) use table::{OPTIONS, read};
pub(crate) use tls_values::{AcmeDns, TlsOptions};
pub(crate) use values::Options;
