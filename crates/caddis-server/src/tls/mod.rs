//! TLS: which certificate a client gets, and where certificates come from.

mod authority;
#[cfg(test)]
mod caddy_tests;
mod certificates;
mod challenges;
mod files;
mod issue;
mod managed;
mod policy;
mod public;
mod server;
mod storage;

pub(crate) use certificates::{Certificate, Certificates};
pub(crate) use challenges::{Challenges, WELL_KNOWN};
pub(crate) use files::load;
pub(crate) use issue::KEY_TYPES;
pub(crate) use managed::{Managed, Subject};
pub(crate) use policy::tls_server;
pub(crate) use public::{PublicAuthority, public_authority};
pub(crate) use server::TlsServer;
pub(crate) use storage::{Storage, replace};
