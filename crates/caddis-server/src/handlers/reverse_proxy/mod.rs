//! `reverse_proxy`: ask another server, and pass its answer on as it comes.

mod ask;
mod build;
mod download;
mod edits;
mod exchange;
mod facts;
mod failure;
mod hop;
mod pass;
mod pool;
mod proxy;
#[cfg(test)]
mod tests;
mod timed;
mod tls;
mod transport;
mod tunnel;
mod upload;
mod upstream;
mod upstreams;

pub(crate) use build::build;
pub use download::Download;
pub(crate) use facts::Facts;
