//! `reverse_proxy`: which servers are asked, and how.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    Duration, DynamicUpstreams, HeaderRules, HealthChecks, LoadBalancing, ResponseHandler,
    ResponseHeaderRules, Rewrite, Transport,
};

/// Asks another server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReverseProxy {
    /// How it is asked; over HTTP if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transport: Option<Transport>,
    /// Whom to leave alone for a while; stock Caddy has no module for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub circuit_breaker: Option<CircuitBreaker>,
    /// Which server is asked, and how often one is looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_balancing: Option<LoadBalancing>,
    /// Which servers are well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health_checks: Option<HealthChecks>,
    /// The servers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub upstreams: Vec<Upstream>,
    /// Servers that are looked up for each request, in place of the fixed ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dynamic_upstreams: Option<DynamicUpstreams>,
    /// How often answers are flushed; -1 for at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flush_interval: Option<Duration>,
    /// The proxies whose forwarded headers are believed, beside the server's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trusted_proxies: Vec<String>,
    /// Edits of headers on the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<ProxyHeaders>,
    /// How many bytes of a request are read before it is sent; -1 for all.
    #[serde(skip_serializing_if = "is_zero")]
    pub request_buffers: i64,
    /// How many bytes of an answer are read before it is sent; -1 for all.
    #[serde(skip_serializing_if = "is_zero")]
    pub response_buffers: i64,
    /// The longest life of a stream, such as a WebSocket; without limit if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_timeout: Option<Duration>,
    /// How long streams outlive the config that they began in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_close_delay: Option<Duration>,
    /// The bytes that are copied at once in a stream.
    #[serde(skip_serializing_if = "is_zero")]
    pub stream_buffer_size: i64,
    /// Another method or URL than the client's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rewrite: Option<Rewrite>,
    /// What is done with which answer; the first that matches is taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub handle_response: Vec<ResponseHandler>,
    /// Log each step; for debugging.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub verbose_logs: bool,
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

/// One server to ask.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Upstream {
    /// `host:port`, `unix//path`, or text with a placeholder.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub dial: String,
    /// The most requests at a time; without limit if 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub max_requests: i64,
}

/// Whom to leave alone for a while. Stock Caddy has no module for it, so there is no value of this type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum CircuitBreaker {}

impl<'de> Deserialize<'de> for CircuitBreaker {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Named {
            #[serde(rename = "type", default)]
            name: String,
        }
        let Named { name } = Named::deserialize(deserializer)?;
        Err(D::Error::custom(format!(
            "the circuit breaker `{name}` is a module that stock Caddy does not have; it would need a plugin"
        )))
    }
}

/// True for what Go leaves out of the JSON.
pub(crate) fn is_zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
