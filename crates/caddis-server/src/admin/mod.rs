//! The admin endpoint: programs on this machine read the config that is served, change it, and end the server.

mod address;
mod answer;
mod bodies;
mod config;
mod edit;
mod guard;
mod ids;
mod load;
mod log;
mod metrics;
mod origin;
mod pki;
mod router;
mod server;
mod serving;
#[cfg(test)]
mod tests;
mod upstreams;

pub(crate) use address::check;
pub(crate) use server::{AdminServer, Bound};
