//! Which of several upstreams is asked, and how often one is looked for.

use serde::{Deserialize, Serialize};

use crate::reverse_proxy::is_zero;
use crate::{Duration, MatcherSet};

/// Which upstream is asked, and how often one is looked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LoadBalancing {
    /// How one is chosen; at random if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selection_policy: Option<SelectionPolicy>,
    /// How many more are tried after the first.
    #[serde(skip_serializing_if = "is_zero")]
    pub retries: i64,
    /// How long one is looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub try_duration: Option<Duration>,
    /// How long to wait between two tries; 250 ms if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub try_interval: Option<Duration>,
    /// The requests that may be sent again although an upstream may have got them; GET if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub retry_match: Vec<MatcherSet>,
}

/// How an upstream is chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "policy", rename_all = "snake_case", deny_unknown_fields)]
pub enum SelectionPolicy {
    /// By a hash of the client's address, behind trusted proxies.
    ClientIpHash {},
    /// By a cookie that names it.
    Cookie {
        /// The cookie's name; `lb` if empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        name: String,
        /// What its value is signed with.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        secret: String,
        /// How long it is kept; until the browser is closed if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_age: Option<Duration>,
        /// For requests without it; at random if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fallback: Option<Box<SelectionPolicy>>,
    },
    /// The first that is well.
    First {},
    /// By a hash of a header field.
    Header {
        /// The field.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        field: String,
        /// For requests without it; at random if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fallback: Option<Box<SelectionPolicy>>,
    },
    /// By a hash of the peer's address.
    IpHash {},
    /// The one with the fewest requests.
    LeastConn {},
    /// By a hash of a query parameter.
    Query {
        /// The parameter.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        key: String,
        /// For requests without it; at random if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fallback: Option<Box<SelectionPolicy>>,
    },
    /// At random.
    Random {},
    /// Of some at random, the one with the fewest requests.
    RandomChoose {
        /// How many; 2 if 0.
        #[serde(default, skip_serializing_if = "is_zero")]
        choose: i64,
    },
    /// One after the other.
    RoundRobin {},
    /// By a hash of the URL.
    UriHash {},
    /// One after the other, some more often.
    WeightedRoundRobin {
        /// One for each upstream.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        weights: Vec<i64>,
    },
}
