//! How an upstream is asked: over HTTP, or as a FastCGI responder.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::reverse_proxy::is_zero;
use crate::{CaPool, Duration};

/// How an upstream is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "protocol", rename_all = "snake_case")]
pub enum Transport {
    /// `FastCGI`.
    Fastcgi(Box<FastcgiTransport>),
    /// HTTP.
    Http(Box<HttpTransport>),
}

/// Asking a `FastCGI` responder, such as PHP's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FastcgiTransport {
    /// Where the scripts are; the root of the site if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub root: String,
    /// What the path of a script ends with; the path info follows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub split_path: Vec<String>,
    /// Follow links in the root before it is handed on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub resolve_root_symlink: bool,
    /// Further variables for the script.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// For the connection; 3 s if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dial_timeout: Option<Duration>,
    /// For each read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_timeout: Option<Duration>,
    /// For each write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_timeout: Option<Duration>,
    /// Log what the script complains of.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub capture_stderr: bool,
}

/// Asking over HTTP.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpTransport {
    /// Who is asked for addresses; the system's resolvers if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolver: Option<Resolver>,
    /// Over TLS, if given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<UpstreamTls>,
    /// Whether connections are used again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_alive: Option<KeepAlive>,
    /// Ask for compressed answers; yes if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compression: Option<bool>,
    /// The most connections to one host; without limit if 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub max_conns_per_host: i64,
    /// `v1` or `v2`: tell the upstream who the client is before anything else.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub proxy_protocol: String,
    /// A proxy on the way; the old form of `network_proxy`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub forward_proxy_url: String,
    /// A proxy on the way; the one that the environment names if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_proxy: Option<NetworkProxy>,
    /// For the connection; 3 s if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dial_timeout: Option<Duration>,
    /// How long the other version of IP waits; 300 ms if not given, never if negative.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dial_fallback_delay: Option<Duration>,
    /// For the answer's header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_header_timeout: Option<Duration>,
    /// For the word that a body may come.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expect_continue_timeout: Option<Duration>,
    /// The most bytes of an answer's header; 10 MiB if 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub max_response_header_size: i64,
    /// Bytes; 4 KiB if 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub write_buffer_size: i64,
    /// Bytes; 4 KiB if 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub read_buffer_size: i64,
    /// For each read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_timeout: Option<Duration>,
    /// For each write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_timeout: Option<Duration>,
    /// `1.1`, `2`, `h2c`, `3`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
    /// The address that connections come from.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub local_address: String,
}

/// Who is asked for addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Resolver {
    /// Servers of the DNS.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<String>,
}

/// Whether connections are used again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeepAlive {
    /// Yes if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// How often a silent connection is probed; 30 s if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probe_interval: Option<Duration>,
    /// The most that wait for a request, of all hosts; without limit if 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub max_idle_conns: i64,
    /// The most that wait for a request, of one host; 32 if 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub max_idle_conns_per_host: i64,
    /// How long they wait; 2 min if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idle_timeout: Option<Duration>,
}

/// A proxy between us and an upstream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "snake_case", deny_unknown_fields)]
pub enum NetworkProxy {
    /// None, whatever the environment says.
    None {},
    /// This one.
    Url {
        /// Its address.
        #[serde(default)]
        url: String,
    },
}

/// Asking over TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UpstreamTls {
    /// Whose certificates are believed; the system's authorities' if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<CaPool>,
    /// Authorities in DER and base 64; the old form of `ca`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub root_ca_pool: Vec<String>,
    /// Files of authorities in PEM; the old form of `ca`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub root_ca_pem_files: Vec<String>,
    /// Our own certificate, in PEM.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client_certificate_file: String,
    /// Its key, in PEM.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client_certificate_key_file: String,
    /// The name whose managed certificate is our own.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client_certificate_automate: String,
    /// Believe anybody.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub insecure_skip_verify: bool,
    /// For the handshake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handshake_timeout: Option<Duration>,
    /// The name that the certificate must have; the host's if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub server_name: String,
    /// `never`, `once` or `freely`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub renegotiation: String,
    /// Ports that are asked without TLS.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub except_ports: Vec<String>,
    /// The curves, by preference.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<String>,
}
