//! Certificates from an ACME server.

mod kept;
mod obtained;
mod refused;
mod renewed;
mod site;
