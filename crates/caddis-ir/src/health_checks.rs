//! Which upstreams are well: by asking them, and by what becomes of requests.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Duration;
use crate::reverse_proxy::is_zero;
use crate::scalar::lists;

/// Which upstreams are well.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HealthChecks {
    /// By asking them now and then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub active: Option<ActiveHealthChecks>,
    /// By what becomes of requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passive: Option<PassiveHealthChecks>,
}

/// Asking upstreams now and then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ActiveHealthChecks {
    /// The path to ask for; the old form of `uri`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path: String,
    /// The path and query to ask for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub uri: String,
    /// Another address to ask than the upstream's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub upstream: String,
    /// Another port to ask than the upstream's.
    #[serde(skip_serializing_if = "is_zero")]
    pub port: i64,
    /// Header fields of the request.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "lists")]
    pub headers: BTreeMap<String, Vec<String>>,
    /// GET if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// The request's body.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// Go where a redirect leads.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub follow_redirects: bool,
    /// Between two questions; 30 s if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<Duration>,
    /// For the answer; 5 s if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// Good answers in a row that make it well again; 1 if 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub passes: i64,
    /// Bad answers in a row that make it unwell; 1 if 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub fails: i64,
    /// The most bytes of the answer's body that are read; all if 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub max_size: i64,
    /// The status of a good answer, 2 for 2xx; 2xx if 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub expect_status: i64,
    /// An expression that the body of a good answer matches.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub expect_body: String,
}

/// Counting what becomes of requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PassiveHealthChecks {
    /// How long a failure counts; nothing is counted if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fail_duration: Option<Duration>,
    /// The failures that make it unwell; 1 if 0.
    #[serde(skip_serializing_if = "is_zero")]
    pub max_fails: i64,
    /// The requests at a time that make it unwell.
    #[serde(skip_serializing_if = "is_zero")]
    pub unhealthy_request_count: i64,
    /// Answers that count as failures; 5 for 5xx.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unhealthy_status: Vec<i64>,
    /// Answers that take longer count as failures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unhealthy_latency: Option<Duration>,
}
