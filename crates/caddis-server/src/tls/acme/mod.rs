//! Certificates from ACME servers (RFC 8555).

mod accounts;
mod advice;
mod calls;
mod certificate_authority;
mod issuer;
mod listener;
mod order;
mod proof;
mod restraint;
mod roots;
mod world;

pub(super) use issuer::Acme;
pub(crate) use roots::read_roots;
pub(super) use world::{Ports, World, listening};
