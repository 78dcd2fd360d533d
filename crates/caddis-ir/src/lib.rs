//! A server's configuration as data, in the shape of Caddy's JSON.
//!
//! The contract between the half that reads configs and the half that serves requests: it has no spans
//! and no behaviour. Fields stand in the order in which Caddy writes them. The shapes are those of
//! <https://caddyserver.com/docs/json/>.

mod answers;
mod automation;
mod ca_pool;
mod config;
mod connection_policy;
mod content;
mod dns;
mod handler;
mod headers;
mod http;
mod issuer;
mod json;
mod logging;
mod matcher;
mod notes;
mod path;
mod pki;
mod reverse_proxy;
mod scalar;
mod tls;

pub use answers::{CopyResponse, CopyResponseHeaders, Intercept};
pub use automation::{Automation, AutomationPolicy, CertificateManager, OnDemand, Permission};
pub use ca_pool::{CaPool, CaPoolTls};
pub use config::{Admin, AdminConfig, Apps, Config, Storage};
pub use connection_policy::{
    CertificateSelection, ClientAuthentication, ConnectionMatch, ConnectionPolicy, KeyAlgorithm,
    LeafLoader, LocalIp, RemoteIp, Verifier,
};
pub use content::{Encode, FileServer, Push, Templates};
pub use dns::{
    DnsProvider, DnsPublisher, EncryptedClientHello, OuterName, Publication, Publishers,
};
pub use handler::{
    Account, Authentication, AuthenticationProviders, Handler, Hash, HashCache, HttpBasic,
    RequestBody, Rewrite, StaticError, StaticResponse, Subroute,
};
pub use headers::{HeaderReplacement, HeaderRules, Headers, RequireResponse, ResponseHeaderRules};
pub use http::{AutomaticHttps, ErrorRoutes, HttpApp, IpSource, Route, Server, ServerLogs};
pub use issuer::{
    AcmeIssuer, Challenge, Challenges, DnsChallenge, ExternalAccount, InternalIssuer, Issuer,
    IssuerProxy, PreferredChains, ZeroSslIssuer,
};
pub use json::{ReadError, compact, escaped, pretty, read, value};
pub use logging::{Encoder, Log, Logging, Writer};
pub use matcher::{IpRanges, MatcherSet, Pattern};
pub use notes::{AcmeServer, Invoke, LogAppend, MapHandler, MetricsHandler, Tracing, Vars};
pub use path::{Path, Step};
pub use pki::{Authority, KeyPair, PkiApp};
pub use reverse_proxy::{
    HttpTransport, ProxyHeaders, ReverseProxy, Transport, Upstream, UpstreamTls,
};
pub use scalar::{Duration, Ratio, StatusCode};
pub use tls::{
    CertificateCache, CertificateFile, CertificatePem, Certificates, CertificatesInStorage,
    SessionTickets, TicketKeys, TlsApp,
};
