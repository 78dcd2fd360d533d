//! TLS: which certificate a client gets, and where certificates come from.

mod acme;
mod authority;
mod backoff;
mod ca_pool;
#[cfg(test)]
mod caddy_tests;
mod certificates;
mod challenges;
mod ciphers;
mod client;
mod client_auth;
mod fetch;
mod files;
mod folders;
mod get_certificate;
mod handshake_match;
mod internal;
mod issue;
mod issuer;
mod issuers;
mod job;
mod keeper;
#[cfg(test)]
mod keeper_tests;
mod kept;
mod leaves;
mod load;
mod policy;
mod public;
mod secrets_log;
mod selection;
mod server;
mod storage;
mod supply;
mod tickets;
mod validations;
mod version_1;

pub(crate) use acme::read_roots;
pub(crate) use ca_pool::{Around, add_base64, add_file, roots, system, system_roots};
pub(crate) use certificates::{Certificate, Certificates};
pub(crate) use challenges::{Challenges, WELL_KNOWN};
pub(crate) use client::{Trust, check_renegotiation, client_config, curve};
pub(crate) use client_auth::asks_clients;
pub(crate) use files::load;
pub(crate) use get_certificate::{is_supplied, managers};
pub(crate) use issue::KEY_TYPES;
pub(crate) use keeper::{Keeper, Subject};
pub(crate) use load::load_all;
pub(crate) use policy::{plain_tls_server, tls_server};
pub(crate) use public::{PublicAuthority, public_authority};
pub(crate) use selection::Selection;
pub(crate) use server::{Ends, TlsServer};
pub(crate) use storage::{Storage, replace};
