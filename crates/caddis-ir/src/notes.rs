//! Handlers that note something about a request, and those that answer about the server itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Duration;

/// Signs certificates for others, over ACME.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AcmeServer {
    /// The authority that signs, by id; `local` if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ca: String,
    /// How long the certificates are valid; 12 hours if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<Duration>,
    /// The host in the links of the directory; that of the request if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// What the paths start with; `/acme/` if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub path_prefix: String,
    /// Sign with the root, not with the intermediate.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sign_with_root: bool,
    /// DNS servers for challenges; the system's if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resolvers: Vec<String>,
    /// `http-01`, `dns-01`, `tls-alpn-01`; all of them if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub challenges: Vec<String>,
    /// What is signed; everything if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<AcmePolicy>,
}

/// What an ACME server signs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AcmePolicy {
    /// These names only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allow: Option<AcmeNames>,
    /// None of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deny: Option<AcmeNames>,
    /// Names with `*` as well.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub allow_wildcard_names: bool,
}

/// Names that certificates are for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AcmeNames {
    /// Host names, with `*` for one label.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// Addresses and prefixes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ip_ranges: Vec<String>,
}

/// Runs a named route.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Invoke {
    /// The route, one of the server's `named_routes`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
}

/// Adds a field to the access log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogAppend {
    /// The field.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// A text, a placeholder, or the name of a variable.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
    /// Look at the value before the request is handled, not after.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub early: bool,
}

/// Fills placeholders by what another one says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MapHandler {
    /// The placeholder that is looked at.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The placeholders that are filled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub destinations: Vec<String>,
    /// In order; the first that matches is taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub mappings: Vec<Mapping>,
    /// What the destinations become if nothing matches.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub defaults: Vec<String>,
}

/// What the destinations of a map become for one input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// The input, as it stands.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub input: String,
    /// The input by regular expression, whose groups are `${1}` in the outputs.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub input_regexp: String,
    /// One for each destination; `null` for the default.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Value>,
}

/// Answers with the server's metrics.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MetricsHandler {
    /// The older form of Prometheus only.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disable_openmetrics: bool,
}

/// Traces requests with `OpenTelemetry`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Tracing {
    /// The name of the span; `handler` if empty.
    pub span: String,
    /// What else is noted about the span; with placeholders.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub span_attributes: BTreeMap<String, String>,
}

/// Sets variables of the request, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Vars(pub BTreeMap<String, Value>);
