//! What becomes of the fields of a log's entries.

use serde::{Deserialize, Serialize};

/// What becomes of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "filter", rename_all = "snake_case", deny_unknown_fields)]
pub enum FieldFilter {
    /// Changes cookies, by name.
    Cookie {
        /// In order; Caddy writes `null` for none.
        actions: Option<Vec<CookieAction>>,
    },
    /// Takes it away.
    Delete {},
    /// Writes the start of its SHA-256 instead.
    Hash {},
    /// Cuts addresses to their networks.
    IpMask {
        /// The bits that are left of an IPv4 address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ipv4_cidr: Option<i64>,
        /// The bits that are left of an IPv6 address.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ipv6_cidr: Option<i64>,
    },
    /// Replaces what several patterns match, one after the other.
    MultiRegexp {
        /// In order; Caddy writes `null` for none.
        operations: Option<Vec<RegexpOperation>>,
    },
    /// Changes parameters of a query, by name.
    Query {
        /// In order; Caddy writes `null` for none.
        actions: Option<Vec<QueryAction>>,
    },
    /// Replaces what a pattern matches.
    Regexp(RegexpOperation),
    /// Gives it another name.
    Rename {
        /// The name.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        name: String,
    },
    /// Writes a text instead.
    Replace {
        /// The text.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        value: String,
    },
}

/// A pattern, and what is written for what it matches.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RegexpOperation {
    /// The pattern.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub regexp: String,
    /// What is written.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
}

/// What becomes of a cookie.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CookieAction {
    /// `delete`, `hash` or `replace`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The cookie.
    pub name: String,
    /// What is written for it, of `replace`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
}

/// What becomes of a parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QueryAction {
    /// `delete`, `hash` or `replace`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The parameter.
    pub parameter: String,
    /// What is written for it, of `replace`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub value: String,
}
