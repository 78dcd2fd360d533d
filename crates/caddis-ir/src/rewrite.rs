//! Changes of the URL and the method of a request.

use serde::{Deserialize, Serialize};

/// Changes the URL for the handlers after it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rewrite {
    /// Another method.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// Another path and query.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub uri: String,
    /// Taken away at the start of the path.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub strip_path_prefix: String,
    /// Taken away at the end of the path.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub strip_path_suffix: String,
    /// Replacements of text in path and query.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub uri_substring: Vec<TextReplacement>,
    /// Replacements in the path by regular expression.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub path_regexp: Vec<PathReplacement>,
    /// Changes of the query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<Box<QueryRewrite>>,
}

/// A replacement of text in path and query.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TextReplacement {
    /// What is looked for.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub find: String,
    /// What stands there afterwards.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub replace: String,
    /// How often at most; everywhere if zero or less.
    #[serde(skip_serializing_if = "is_zero")]
    pub limit: i64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(number: &i64) -> bool {
    *number == 0
}

/// A replacement in the path by regular expression.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PathReplacement {
    /// The expression, in RE2's syntax.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub find: String,
    /// What stands there afterwards; `$1` is a group.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub replace: String,
}

/// Changes of the query; made in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct QueryRewrite {
    /// Parameters that get another name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rename: Vec<ParameterValue>,
    /// Values in place of those that are there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<ParameterValue>,
    /// Further values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub add: Vec<ParameterValue>,
    /// Replacements within values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replace: Vec<ParameterReplacement>,
    /// Parameters to drop.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub delete: Vec<String>,
}

/// A parameter of a query and what it gets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ParameterValue {
    /// The parameter.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// A value, or the new name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub val: String,
}

/// A replacement within the values of a parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ParameterReplacement {
    /// The parameter; `*` for every one.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// The text to find.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub search: String,
    /// The expression to find.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub search_regexp: String,
    /// What stands there afterwards; `$1` is a group.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub replace: String,
}
