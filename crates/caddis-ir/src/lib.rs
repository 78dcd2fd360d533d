//! A server's configuration as data, in the shape of Caddy's JSON.
//!
//! The contract between the half that reads configs and the half that serves requests: it has no spans
//! and no behaviour. Fields stand in the order in which Caddy writes them. The shapes are those of
//! <https://caddyserver.com/docs/json/>.

mod answers;
mod config;
mod content;
mod culprit;
mod handler;
mod headers;
mod http;
mod json;
mod logging;
mod matcher;
mod modules;
mod notes;
mod path;
mod pki;
mod place;
mod read;
mod reverse_proxy;
mod scalar;
mod tls;

pub use answers::{CopyResponse, CopyResponseHeaders, Intercept};
pub use config::{Admin, AdminConfig, Apps, Config, Storage};
pub use content::{Encode, FileServer, Push, Templates};
pub use handler::{
    Account, Authentication, AuthenticationProviders, Handler, Hash, HashCache, HttpBasic,
    RequestBody, Rewrite, StaticError, StaticResponse, Subroute,
};
pub use headers::{HeaderReplacement, HeaderRules, Headers, RequireResponse, ResponseHeaderRules};
pub use http::{AutomaticHttps, ErrorRoutes, HttpApp, IpSource, Route, Server, ServerLogs};
pub use json::{compact, compact_value, escaped, pretty, pretty_value, value};
pub use logging::{Encoder, Log, Logging, Writer};
pub use matcher::{IpRanges, MatcherSet, Pattern};
pub use modules::MODULES;
pub use notes::{AcmeServer, Invoke, LogAppend, MapHandler, MetricsHandler, Tracing, Vars};
pub use path::{Path, Step};
pub use pki::{Authority, PkiApp};
pub use place::place_in_json;
pub use read::{About, ReadError, from_value, read};
pub use reverse_proxy::{
    HttpTransport, ProxyHeaders, ReverseProxy, Transport, Upstream, UpstreamTls,
};
pub use scalar::{Duration, StatusCode};
pub use tls::{
    AcmeIssuer, Automation, AutomationPolicy, CertificateFile, CertificateSelection, Certificates,
    Challenge, Challenges, ConnectionMatch, ConnectionPolicy, InternalIssuer, Issuer, TlsApp,
};
