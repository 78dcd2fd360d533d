//! Certificates from ACME servers (RFC 8555).

mod accounts;
#[cfg(test)]
mod accounts_tests;
mod advice;
mod authorize;
mod calls;
mod certificate_authority;
mod chains;
mod check;
mod client;
mod external;
mod issuer;
mod listener;
mod order;
#[cfg(test)]
mod order_tests;
mod profile;
mod proof;
mod restraint;
mod roots;
mod world;

pub(crate) use check::check;
pub(crate) use external::gives_accounts;
pub(super) use issuer::Acme;
pub(super) use roots::read_roots;
pub(super) use world::{Ports, World, listening};
