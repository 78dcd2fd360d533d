//! What a line of a site becomes: routes, or a setting of the site.

use caddis_ir::{CertificateFile, CertificateManager, ConnectionPolicy, Issuer, Log, Ratio, Route};
use caddis_source::Span;

use crate::origins::Trail;
use crate::sites::Bind;

/// What a line of a site becomes. Closed, where Caddy has a pile keyed by strings.
#[derive(Clone, Debug)]
pub(crate) enum Item {
    /// A route; lines become one each unless they can be merged.
    Route(Route),
    /// Routes of one line that stay together, wherever they are sorted to.
    Bunch { before: Vec<Route>, route: Route },
    /// What answers requests that failed, of `handle_errors`.
    ErrorRoute(Route),
    /// Addresses to listen on, of `bind`.
    Bind(Bind),
    /// A certificate and its key, of `tls CERT KEY`.
    CertificateFile { file: CertificateFile, span: Span },
    /// Folders with certificates and their keys, of `tls { load … }`.
    CertificateFolders { folders: Vec<String>, span: Span },
    /// How TLS connections to this site are made, and where the lines about it stand.
    ConnectionPolicy {
        policy: ConnectionPolicy,
        places: Places,
        span: Span,
    },
    /// Who signs this site's certificates, of `tls internal`, `tls EMAIL` and `tls { issuer … }`.
    Issuer { issuer: Issuer, span: Span },
    /// The key of this site's certificates, of `tls { key_type … }`.
    KeyType { key_type: String, span: Span },
    /// Certificates are got when a client first asks, of `tls { on_demand }`.
    OnDemand { span: Span },
    /// Who is asked for a certificate at each handshake, of `tls { get_certificate … }`.
    CertificateManager {
        manager: CertificateManager,
        span: Span,
    },
    /// A renewed certificate has the old one's key, of `tls { reuse_private_keys }`.
    ReusePrivateKeys { span: Span },
    /// When certificates are renewed, of `tls { renewal_window_ratio … }`.
    RenewalWindowRatio { ratio: Ratio, span: Span },
    /// Automatic certificates even where one was loaded, of `tls force_automate`.
    ForceAutomate { span: Span },
    /// An access log of this site.
    Log(Box<SiteLog>),
    /// An authority of our own that `acme_server` signs with; it counts at the top of a site only.
    Authority { id: String },
}

/// Where fields of the JSON stand, by their names.
pub(crate) type Places = Vec<(&'static str, Span)>;

/// An access log of a site, as `log` describes it.
#[derive(Clone, Debug)]
pub(crate) struct SiteLog {
    /// The name that it is given (`log NAME { … }`); `None` for the next `log0`, `log1`, ….
    pub(crate) name: Option<String>,
    /// How it is written; `None` for a bare `log`, which writes to the default logger.
    pub(crate) log: Option<Log>,
    /// The hosts it is for, of `hostnames`; the site's if empty.
    pub(crate) hosts: Vec<String>,
    /// Declared only, and bound to no host: `no_hostname`.
    pub(crate) no_hostname: bool,
    pub(crate) span: Span,
    /// Where its parts stand.
    pub(crate) trail: Trail,
}
