//! `reverse_proxy`: which servers are asked, and how.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Duration, HeaderRules, ResponseHandler, ResponseHeaderRules, Rewrite};

/// Asks another server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReverseProxy {
    /// How it is asked; over HTTP if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transport: Option<Transport>,
    /// The servers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub upstreams: Vec<Upstream>,
    /// How often answers are flushed; -1 for at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flush_interval: Option<Duration>,
    /// The proxies whose forwarded headers are believed, beside the server's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trusted_proxies: Vec<String>,
    /// Edits of headers on the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<ProxyHeaders>,
    /// Another method or URL than the client's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rewrite: Option<Rewrite>,
    /// What is done with which answer; the first that matches is taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub handle_response: Vec<ResponseHandler>,
}

/// Edits of headers on the way to an upstream and back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProxyHeaders {
    /// Up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<HeaderRules>,
    /// Down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<ResponseHeaderRules>,
}

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
    /// Over TLS, if given. It has no settings yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<UpstreamTls>,
    /// For the connection; 3 s if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dial_timeout: Option<Duration>,
    /// For the answer's header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_header_timeout: Option<Duration>,
    /// For each read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_timeout: Option<Duration>,
    /// For each write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_timeout: Option<Duration>,
    /// `1.1`, `2`, `h2c`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
}

/// Asking over TLS, verified with the system's roots. It has no settings yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UpstreamTls {}

/// One server to ask.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Upstream {
    /// `host:port`, `unix//path`, or text with a placeholder.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub dial: String,
}
