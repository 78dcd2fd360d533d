//! What a line of a site becomes: routes, or a setting of the site.

use caddis_ir::{CertificateFile, ConnectionPolicy, Issuer, Log, Route};
use caddis_source::Span;

/// What a line of a site becomes. Closed, where Caddy has a pile keyed by strings.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// A route; lines become one each unless they can be merged.
    Route(Route),
    /// Addresses to listen on, of `bind`.
    Bind { addresses: Vec<String>, span: Span },
    /// A certificate and its key, of `tls CERT KEY`.
    CertificateFile { file: CertificateFile, span: Span },
    /// How TLS connections to this site are made.
    ConnectionPolicy {
        policy: ConnectionPolicy,
        span: Span,
    },
    /// Who signs this site's certificates, of `tls internal` and `tls EMAIL`.
    Issuer { issuer: Issuer, span: Span },
    /// An access log of this site, with the name it is given if it is.
    Log {
        name: Option<String>,
        log: Log,
        hosts: Vec<String>,
        span: Span,
    },
}
