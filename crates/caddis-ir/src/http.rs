//! HTTP servers and their routes.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::scalar::limit;
use crate::{ConnectionPolicy, Duration, Handler, ListenerWrapper, MatcherSet, PacketConnWrapper};

/// All HTTP servers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpApp {
    /// The port that is plain HTTP; 80 if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_port: Option<u16>,
    /// The port that is HTTPS; 443 if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub https_port: Option<u16>,
    /// How long open connections may go on when the server stops; without limit if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace_period: Option<Duration>,
    /// How long the server waits before it stops, and says so in `{http.shutting_down}`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shutdown_delay: Option<Duration>,
    /// By name: `srv0`, `srv1`, …
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub servers: BTreeMap<String, Server>,
    /// Count requests, for `/metrics`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Metrics>,
}

/// One server: some listeners and the routes behind them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// Addresses: `:443`, `127.0.0.1:8080`, `unix//run/x.sock`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub listen: Vec<String>,
    /// What new connections go through, the first one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub listener_wrappers: Vec<ListenerWrapper>,
    /// What datagrams go through, the first one first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packet_conn_wrappers: Vec<PacketConnWrapper>,
    /// For a whole request with its body; without limit if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_timeout: Option<Duration>,
    /// For a request's header; one minute if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_header_timeout: Option<Duration>,
    /// For a response; without limit if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_timeout: Option<Duration>,
    /// Between two requests of a connection; five minutes if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_timeout: Option<Duration>,
    /// Between TCP keep-alive probes; 15 s if not given, none if negative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keepalive_interval: Option<Duration>,
    /// Before the first TCP keep-alive probe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keepalive_idle: Option<Duration>,
    /// How many TCP keep-alive probes may stay without an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keepalive_count: Option<i64>,
    /// The most bytes of a request's header.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "limit")]
    pub max_header_bytes: Option<u64>,
    /// Let HTTP/1 handlers answer before they have read the body.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub enable_full_duplex: bool,
    /// In order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
    /// What answers a request that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<ErrorRoutes>,
    /// Routes that `invoke` runs, by name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub named_routes: BTreeMap<String, Route>,
    /// How TLS connections are made, the first that matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_connection_policies: Option<Vec<ConnectionPolicy>>,
    /// What is switched off of automatic HTTPS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automatic_https: Option<AutomaticHttps>,
    /// Refuse a `Host` other than the SNI; on by default where clients show certificates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strict_sni_host: Option<bool>,
    /// The proxies whose forwarded headers are believed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trusted_proxies: Option<IpSource>,
    /// The headers that name the client; `X-Forwarded-For` if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub client_ip_headers: Vec<String>,
    /// 1 to read those headers from right to left, up to the first address that is not trusted.
    #[serde(skip_serializing_if = "is_zero")]
    pub trusted_proxies_strict: u8,
    /// Believe the forwarded headers of all clients of Unix sockets.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub trusted_proxies_unix: bool,
    /// Access logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logs: Option<ServerLogs>,
    /// `h1`, `h2`, `h2c`, `h3`; the ones but `h2c` if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub protocols: Vec<String>,
    /// The protocols of each address of `listen`; those of `protocols` for `null`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub listen_protocols: Vec<Option<Vec<String>>>,
    /// Take requests in the first packet of a QUIC connection; yes if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow_0rtt: Option<bool>,
    /// The old place of the setting of all servers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metrics: Option<Metrics>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(number: &u8) -> bool {
    *number == 0
}

/// What answers a request that failed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ErrorRoutes {
    /// In order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
}

/// What to do with the requests that match.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Route {
    /// Of the routes in one group only the first that matches is taken.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// Any of these sets; every request if empty.
    #[serde(rename = "match", skip_serializing_if = "Vec::is_empty")]
    pub matchers: Vec<MatcherSet>,
    /// In order, each around the next.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub handle: Vec<Handler>,
    /// No route after this one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub terminal: bool,
}

/// What is switched off of automatic HTTPS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "the shape is Caddy's JSON")]
pub struct AutomaticHttps {
    /// All of it.
    #[serde(rename = "disable", skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// Redirects from HTTP.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disable_redirects: bool,
    /// Certificates.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disable_certificates: bool,
    /// All of it, for these hosts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip: Vec<String>,
    /// Certificates, for these hosts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_certificates: Vec<String>,
    /// Get certificates also for names that a loaded certificate covers.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ignore_loaded_certificates: bool,
}

/// Where a list of addresses comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case", deny_unknown_fields)]
pub enum IpSource {
    /// The config.
    Static {
        /// Addresses and prefixes.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ranges: Vec<String>,
    },
}

/// Access logs of a server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerLogs {
    /// The logger of hosts that `logger_names` does not have.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub default_logger_name: String,
    /// The loggers of a host.
    #[serde(
        skip_serializing_if = "BTreeMap::is_empty",
        deserialize_with = "one_or_several"
    )]
    pub logger_names: BTreeMap<String, Vec<String>>,
    /// Hosts without an access log.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skip_hosts: Vec<String>,
    /// No access log for hosts that no site has.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub skip_unmapped_hosts: bool,
    /// Write credentials and cookies as they are.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub should_log_credentials: bool,
    /// Write each handler that a request goes through, at the level DEBUG.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub trace: bool,
}

/// Caddy also reads the name of a single logger without brackets.
fn one_or_several<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Names {
        One(String),
        Several(Vec<String>),
    }
    let names: BTreeMap<String, Names> = Deserialize::deserialize(deserializer)?;
    let names = names.into_iter().map(|(host, names)| match names {
        Names::One(name) => (host, vec![name]),
        Names::Several(names) => (host, names),
    });
    Ok(names.collect())
}

/// How requests are counted, for `/metrics`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// For each host by itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub per_host: bool,
    /// Also for hosts that no site has.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub observe_catchall_hosts: bool,
    /// Send them over OTLP as well.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub otlp: bool,
}
