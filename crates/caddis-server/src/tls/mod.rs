//! TLS: which certificate a client gets, and where certificates come from.

mod certificates;
mod server;

pub(crate) use certificates::{Certificate, Certificates};
pub(crate) use server::{Policy, TlsServer};
