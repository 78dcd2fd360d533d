//! What stands between a socket and a server.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::Duration;

/// What new connections go through before the server has them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "wrapper", rename_all = "snake_case", deny_unknown_fields)]
pub enum ListenerWrapper {
    /// Answers plain HTTP at a port for HTTPS with a redirect.
    HttpRedirect {
        /// The most bytes of a request's header.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_header_bytes: Option<i64>,
    },
    /// Reads the client's address in front of a connection, as load balancers write it.
    ProxyProtocol(ProxyProtocol),
    /// The place of TLS among the others.
    Tls {},
}

/// The PROXY protocol: the client's address in front of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProxyProtocol {
    /// For that address; five seconds if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// The networks that may send one; all if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allow: Vec<String>,
    /// The networks that may not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub deny: Vec<String>,
    /// For those in neither list: `IGNORE`, `USE`, `REJECT`, `REQUIRE` or `SKIP`.
    #[serde(skip_serializing_if = "String::is_empty", deserialize_with = "policy")]
    pub fallback_policy: String,
}

/// The names of the policies, which Caddy reads in any case.
const POLICIES: [&str; 5] = ["IGNORE", "USE", "REJECT", "REQUIRE", "SKIP"];

fn policy<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    let name = String::deserialize(deserializer)?;
    let policy = name.to_ascii_uppercase();
    if policy.is_empty() || POLICIES.contains(&policy.as_str()) {
        return Ok(policy);
    }
    let expected = POLICIES.join(", ");
    let message = format!("`{name}` is not a policy, expected one of {expected}");
    Err(D::Error::custom(message))
}

/// What datagrams go through before the server has them; stock Caddy has no such module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "wrapper")]
pub enum PacketConnWrapper {}
