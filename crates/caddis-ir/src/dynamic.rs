//! Upstreams that are looked up for each request.

use serde::{Deserialize, Serialize};

use crate::{Duration, Resolver};

/// Where upstreams are looked up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "source", rename_all = "snake_case")]
pub enum DynamicUpstreams {
    /// Addresses of a name.
    A(Box<DynamicA>),
    /// In several places.
    Multi(DynamicMulti),
    /// SRV records, which bring the port.
    Srv(Box<DynamicSrv>),
}

/// Addresses of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DynamicA {
    /// The name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The port; 80 if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub port: String,
    /// How long an answer is kept; 1 min if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh: Option<Duration>,
    /// Who is asked; the system's resolvers if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolver: Option<Resolver>,
    /// For the connection to a resolver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dial_timeout: Option<Duration>,
    /// How long the other version of IP waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dial_fallback_delay: Option<Duration>,
    /// The versions of IP; both if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub versions: Option<IpVersions>,
}

/// Versions of IP; none said is both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IpVersions {
    /// IPv4.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv4: Option<bool>,
    /// IPv6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<bool>,
}

/// Several places.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DynamicMulti {
    /// Asked in order; what all of them say is taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<DynamicUpstreams>,
}

/// SRV records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DynamicSrv {
    /// The service, without `_`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub service: String,
    /// The protocol, without `_`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub proto: String,
    /// The name; the whole of it if service and protocol are empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// How long an answer is kept; 1 min if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh: Option<Duration>,
    /// How long an answer is kept on when the next look fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace_period: Option<Duration>,
    /// Who is asked; the system's resolvers if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolver: Option<Resolver>,
    /// For the connection to a resolver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dial_timeout: Option<Duration>,
    /// How long the other version of IP waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dial_fallback_delay: Option<Duration>,
    /// The network in the addresses of the upstreams: `tcp`, `udp`, …
    #[serde(skip_serializing_if = "String::is_empty")]
    pub dial_network: String,
}
