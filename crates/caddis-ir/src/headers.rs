//! Edits of headers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::scalar::lists;

/// Edits headers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Headers {
    /// Of the request, before the handlers after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<HeaderRules>,
    /// Of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<ResponseHeaderRules>,
}

/// Edits of a header; made in this order: add, set, delete, replace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HeaderRules {
    /// Further values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "lists")]
    pub add: BTreeMap<String, Vec<String>>,
    /// Values in place of those that are there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "lists")]
    pub set: BTreeMap<String, Vec<String>>,
    /// Fields to drop, with `*` at either end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub delete: Vec<String>,
    /// Replacements within values; the field `*` is every field.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub replace: BTreeMap<String, Vec<HeaderReplacement>>,
}

/// One replacement within a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HeaderReplacement {
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

/// Edits of a response's header.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "ResponseHeaderForm")]
pub struct ResponseHeaderRules {
    /// The edits.
    #[serde(flatten)]
    pub rules: HeaderRules,
    /// Only if the response is like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require: Option<RequireResponse>,
    /// Edit when the response is written, not when the request comes by.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deferred: bool,
}

/// The same as it stands in the JSON. With the flattened rules serde would pass over fields that it does not know.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ResponseHeaderForm {
    #[serde(deserialize_with = "lists")]
    add: BTreeMap<String, Vec<String>>,
    #[serde(deserialize_with = "lists")]
    set: BTreeMap<String, Vec<String>>,
    delete: Vec<String>,
    replace: BTreeMap<String, Vec<HeaderReplacement>>,
    require: Option<RequireResponse>,
    deferred: bool,
}

impl From<ResponseHeaderForm> for ResponseHeaderRules {
    fn from(form: ResponseHeaderForm) -> Self {
        Self {
            rules: HeaderRules {
                add: form.add,
                set: form.set,
                delete: form.delete,
                replace: form.replace,
            },
            require: form.require,
            deferred: form.deferred,
        }
    }
}

/// What a response must be like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RequireResponse {
    /// Status codes; 4 means 4xx.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub status_code: Vec<u16>,
    /// Header fields, as the `header` matcher has them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Option<Vec<String>>>,
}
