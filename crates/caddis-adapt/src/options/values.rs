//! What the global options say, once they are read.

use caddis_ir::Issuer;

/// What the global options say.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    /// The port that is plain HTTP; 80 if not given.
    pub(crate) http_port: Option<u16>,
    /// The port that is HTTPS; 443 if not given.
    pub(crate) https_port: Option<u16>,
    /// The address of the ACME account.
    pub(crate) email: Option<String>,
    /// Every certificate from our own authority.
    pub(crate) local_certs: bool,
    /// Who signs certificates, of `cert_issuer`.
    pub(crate) issuers: Vec<Issuer>,
}
