//! A server's configuration as data, in the shape of Caddy's JSON.
//!
//! The contract between the half that reads configs and the half that serves requests: it has no spans
//! and no behaviour. Fields stand in the order in which Caddy writes them. The shapes are those of
//! <https://caddyserver.com/docs/json/>.

mod admin;
mod answers;
mod automation;
mod ca_pool;
mod config;
mod connection_policy;
mod content;
mod culprit;
mod direct;
mod dns;
mod dynamic;
mod events;
mod handler;
mod headers;
mod health_checks;
mod http;
mod issuer;
mod json;
mod listener;
mod load_balancing;
mod log_encoder;
mod log_filter;
mod log_writer;
mod logging;
mod matcher;
mod modules;
mod normal;
mod notes;
mod numbers;
mod path;
mod pki;
mod place;
mod plugins;
mod rate_limit;
mod read;
mod reverse_proxy;
mod rewrite;
mod scalar;
mod tls;
mod transport;

pub use admin::{
    Admin, AdminAccess, AdminConfig, AdminIdentity, AdminPermissions, ConfigLoader, HttpLoader,
    HttpLoaderTls, RemoteAdmin,
};
pub use answers::{CopyResponse, CopyResponseHeaders, Intercept, ResponseHandler};
pub use automation::{Automation, AutomationPolicy, CertificateManager, OnDemand, Permission};
pub use ca_pool::{CaPool, CaPoolTls};
pub use config::{Apps, Config, Filesystem, FilesystemBackend, FilesystemsApp, Storage};
pub use connection_policy::{
    CertificateSelection, ClientAuthentication, ConnectionMatch, ConnectionPolicy,
    HandshakeContext, KeyAlgorithm, LeafLoader, LocalIp, RemoteIp, Verifier,
};
pub use content::{
    Brotli, Browse, Encode, Encoders, FileServer, Gzip, Precompressed, Push, PushResource,
    Templates, Zstd,
};
pub use dns::{
    DnsProvider, DnsPublisher, EncryptedClientHello, OuterName, Publication, Publishers, Rfc2136,
};
pub use dynamic::{DynamicA, DynamicMulti, DynamicSrv, DynamicUpstreams, IpVersions};
pub use events::{EventHandler, EventsApp, Subscription};
pub use handler::{
    Account, Authentication, AuthenticationProviders, Handler, Hash, HashCache, HttpBasic,
    RequestBody, StaticError, StaticResponse, Subroute,
};
pub use headers::{HeaderReplacement, HeaderRules, Headers, RequireResponse, ResponseHeaderRules};
pub use health_checks::{ActiveHealthChecks, HealthChecks, PassiveHealthChecks};
pub use http::{
    AutomaticHttps, ErrorRoutes, HttpApp, IpSource, Metrics, Route, Server, ServerLogs,
};
pub use issuer::{
    AcmeIssuer, Challenge, Challenges, DnsChallenge, ExternalAccount, InternalIssuer, Issuer,
    PreferredChains, ZeroSslIssuer,
};
pub use json::{compact, compact_value, escaped, pretty, pretty_value, value};
pub use listener::{ListenerWrapper, PacketConnWrapper, ProxyProtocol};
pub use load_balancing::{LoadBalancing, SelectionPolicy};
pub use log_encoder::{AppendEncoder, Encoder, EncoderKeys, FilterEncoder, JournaldEncoder};
pub use log_filter::{CookieAction, FieldFilter, QueryAction, RegexpOperation};
pub use log_writer::{FileWriter, NetWriter, Writer};
pub use logging::{Log, LogCore, LogSampling, Logging, SinkLog};
pub use matcher::{Expression, FileMatch, IpRanges, MatcherSet, Pattern, TlsMatch};
pub use modules::MODULES;
pub use notes::{
    AcmeNames, AcmePolicy, AcmeServer, Invoke, LogAppend, MapHandler, Mapping, MetricsHandler,
    Tracing, Vars,
};
pub use numbers::number;
pub use path::{Path, Step};
pub use pki::{Authority, KeyPair, PkiApp};
pub use place::place_in_json;
pub use rate_limit::{RateLimit, Zone};
pub use read::{About, ReadError, from_value, read};
pub use reverse_proxy::{CircuitBreaker, ProxyHeaders, ReverseProxy, Upstream};
pub use rewrite::{
    ParameterReplacement, ParameterValue, PathReplacement, QueryRewrite, Rewrite, TextReplacement,
};
pub use scalar::{Duration, Ratio, StatusCode};
pub use tls::{
    CertificateCache, CertificateFile, CertificatePem, Certificates, CertificatesInStorage,
    SessionTickets, TicketKeys, TlsApp,
};
pub use transport::{
    FastcgiTransport, HttpTransport, KeepAlive, NetworkProxy, Resolver, Transport, UpstreamTls,
};
