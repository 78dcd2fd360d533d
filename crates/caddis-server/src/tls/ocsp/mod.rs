//! OCSP: what an authority says of a certificate, sent along with it in handshakes.

mod answer;
mod ask;
mod file;
mod question;
mod revocation;
mod staples;
mod stapling;

pub(super) use file::{clean, file_of};
pub(crate) use revocation::Revocation;
pub(super) use staples::{Staples, interval};
pub(crate) use stapling::Stapling;
