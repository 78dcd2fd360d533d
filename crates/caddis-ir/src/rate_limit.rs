//! `rate_limit`: how often something may be asked for, in the JSON of <https://github.com/mholt/caddy-ratelimit>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Duration, MatcherSet};

/// Answers 429 to requests that come too often.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RateLimit {
    /// The limits, by the name of their zone.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub rate_limits: BTreeMap<String, Zone>,
    /// How much of a waiting time is added by chance: 0.2 is up to a fifth.
    #[serde(skip_serializing_if = "is_nothing")]
    pub jitter: f64,
    /// How often states that nobody needs any more are dropped; a minute if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sweep_interval: Option<Duration>,
    /// Write the key into the log when a request is refused.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub log_key: bool,
}

/// How many events a window of time may have.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Zone {
    /// Which requests count; all if empty.
    #[serde(rename = "match", skip_serializing_if = "Vec::is_empty")]
    pub matchers: Vec<MatcherSet>,
    /// What is counted for itself, with placeholders: `{http.request.remote.host}`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// The length of the window, which slides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Duration>,
    /// The most events in a window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_events: Option<u64>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_nothing(number: &f64) -> bool {
    *number == 0.0
}
