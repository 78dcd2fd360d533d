//! A server's configuration as data, in the shape of Caddy's JSON.
//!
//! The contract between the half that reads configs and the half that serves requests: it has no spans
//! and no behaviour. Fields stand in the order in which Caddy writes them. The shapes are those of
//! <https://caddyserver.com/docs/json/>.

mod config;
mod handler;
mod http;
mod json;
mod logging;
mod matcher;
mod path;
mod pki;
mod scalar;
mod tls;

pub use config::{Admin, AdminConfig, Apps, Config, Storage};
pub use handler::{
    Account, Authentication, AuthenticationProviders, Handler, Hash, HashCache, HeaderReplacement,
    HeaderRules, Headers, HttpBasic, HttpTransport, ProxyHeaders, RequestBody, RequireResponse,
    ResponseHeaderRules, ReverseProxy, Rewrite, StaticError, StaticResponse, Subroute, Transport,
    Upstream, UpstreamTls,
};
pub use http::{AutomaticHttps, ErrorRoutes, HttpApp, IpSource, Route, Server, ServerLogs};
pub use json::{ReadError, compact, escaped, pretty, read, value};
pub use logging::{Encoder, Log, Logging, Writer};
pub use matcher::{IpRanges, MatcherSet, Pattern};
pub use path::{Path, Step};
pub use pki::{Authority, PkiApp};
pub use scalar::{Duration, StatusCode};
pub use tls::{
    AcmeIssuer, Automation, AutomationPolicy, CertificateFile, CertificateSelection, Certificates,
    Challenge, Challenges, ConnectionMatch, ConnectionPolicy, InternalIssuer, Issuer, TlsApp,
};
