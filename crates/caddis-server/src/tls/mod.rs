//! TLS: which certificate a client gets, and where certificates come from.

mod acme;
mod authority;
mod backoff;
mod ca_pool;
#[cfg(test)]
mod caddy_tests;
mod certificates;
mod challenges;
mod client;
mod fetch;
mod files;
mod internal;
mod issue;
mod issuer;
mod issuers;
mod job;
mod keeper;
#[cfg(test)]
mod keeper_tests;
mod kept;
mod policy;
mod public;
mod server;
mod storage;
mod supply;
mod validations;

pub(crate) use acme::read_roots;
pub(crate) use ca_pool::{Around, add_base64, add_file, roots, system, system_roots};
pub(crate) use certificates::{Certificate, Certificates};
pub(crate) use challenges::{Challenges, WELL_KNOWN};
pub(crate) use client::{Trust, check_renegotiation, client_config, curve};
pub(crate) use files::load;
pub(crate) use issue::KEY_TYPES;
pub(crate) use keeper::{Keeper, Subject};
pub(crate) use policy::tls_server;
pub(crate) use public::{PublicAuthority, public_authority};
pub(crate) use server::{Ends, TlsServer};
pub(crate) use storage::{Storage, replace};
