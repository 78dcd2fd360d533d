//! Matchers: which requests a route takes.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::scalar::some_lists;

/// Matches a request if every matcher in it does. Fields in the order of their names, as Caddy writes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MatcherSet {
    /// The client's address, behind trusted proxies.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub client_ip: Option<IpRanges>,
    /// An expression in CEL.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub expression: Option<Expression>,
    /// Files that are there.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub file: Option<FileMatch>,
    /// Header fields; `null` for one that must be absent, an empty list for one that must be there.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub header: Option<BTreeMap<String, Option<Vec<String>>>>,
    /// Header fields by regular expression.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub header_regexp: Option<BTreeMap<String, Pattern>>,
    /// Hosts, with `*` for one label.
    #[serde(
        skip_serializing_if = "Option::is_none",
        with = "null_for_none_of_them"
    )]
    pub host: Option<Vec<String>>,
    /// Methods.
    #[serde(
        skip_serializing_if = "Option::is_none",
        with = "null_for_none_of_them"
    )]
    pub method: Option<Vec<String>>,
    /// None of these sets matches.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub not: Option<Vec<MatcherSet>>,
    /// Paths, with `*`.
    #[serde(
        skip_serializing_if = "Option::is_none",
        with = "null_for_none_of_them"
    )]
    pub path: Option<Vec<String>>,
    /// The path by regular expression.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub path_regexp: Option<Pattern>,
    /// `http`, `https`, `grpc`, `http/1.1`, `http/2`, `http/2+`, …
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub protocol: Option<String>,
    /// Query parameters; `*` for any value.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "some_lists"
    )]
    pub query: Option<BTreeMap<String, Vec<String>>>,
    /// The address of the peer.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub remote_ip: Option<IpRanges>,
    /// Requests over TLS.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub tls: Option<TlsMatch>,
    /// Variables or placeholders, with the values that they may have.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "some_lists"
    )]
    pub vars: Option<BTreeMap<String, Vec<String>>>,
    /// Variables or placeholders by regular expression.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub vars_regexp: Option<BTreeMap<String, Pattern>>,
}

/// An expression in CEL. Caddy writes it as text, or with a name as an object.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "ExpressionForm", into = "ExpressionForm")]
pub struct Expression {
    /// The expression.
    pub expr: String,
    /// The name that regular expressions in it have for placeholders, if they have none of their own.
    pub name: String,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum ExpressionForm {
    Text(String),
    Named(NamedExpression),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NamedExpression {
    #[serde(default)]
    expr: String,
    #[serde(default)]
    name: String,
}

impl From<ExpressionForm> for Expression {
    fn from(form: ExpressionForm) -> Self {
        match form {
            ExpressionForm::Text(expr) => Self {
                expr,
                name: String::new(),
            },
            ExpressionForm::Named(NamedExpression { expr, name }) => Self { expr, name },
        }
    }
}

impl From<Expression> for ExpressionForm {
    fn from(Expression { expr, name }: Expression) -> Self {
        if name.is_empty() {
            Self::Text(expr)
        } else {
            Self::Named(NamedExpression { expr, name })
        }
    }
}

/// Requests over TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsMatch {
    /// Whether the handshake was complete when the request came: early data comes before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handshake_complete: Option<bool>,
}

/// Addresses and prefixes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct IpRanges {
    /// `10.0.0.0/8`, `::1`, or a placeholder that becomes one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<String>,
}

/// Files that are there; the one that is found becomes `{http.matchers.file.*}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileMatch {
    /// The file system, by name; the one of the request if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub fs: String,
    /// The folder that files are below; the root of the site if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub root: String,
    /// Files to look for, folders with a slash at the end, `=404` to fail; the path of the request if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub try_files: Vec<String>,
    /// Which of them is taken; `first_exist` if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub try_policy: String,
    /// Endings after which a path is split; what follows is left out when files are looked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub split_path: Vec<String>,
}

/// A regular expression, whose groups become `{re.<name>.<group>}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pattern {
    /// The name for placeholders.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The expression, in RE2's syntax.
    pub pattern: String,
}

impl MatcherSet {
    /// True if it matches every request.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// `null` is no matcher, as in Caddy: a route without it would take every request.
fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Go writes a list that was never filled as `null`, and Caddy matches nothing with it: not the same as no list.
mod null_for_none_of_them {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde asks for a reference to the field")]
    pub(super) fn serialize<S: Serializer>(
        list: &Option<Vec<String>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let filled = list.as_ref().filter(|list| !list.is_empty());
        filled.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<String>>, D::Error> {
        let list = Option::<Vec<String>>::deserialize(deserializer)?;
        Ok(Some(list.unwrap_or_default()))
    }
}
