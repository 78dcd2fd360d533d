//! The form of the entries of a log.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::FieldFilter;

/// The form of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "format", rename_all = "snake_case")]
pub enum Encoder {
    /// Adds fields to each entry.
    Append(AppendEncoder),
    /// Columns for people.
    Console(Box<EncoderKeys>),
    /// Takes fields away from each entry, or changes them.
    Filter(FilterEncoder),
    /// With the level before each line, for systemd.
    Journald(JournaldEncoder),
    /// One JSON object per line.
    Json(Box<EncoderKeys>),
}

/// Adds fields to each entry.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AppendEncoder {
    /// What writes the entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrap: Option<Box<Encoder>>,
    /// The fields; placeholders in a text are filled.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, Value>,
}

/// Takes fields away from each entry, or changes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FilterEncoder {
    /// What writes the entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrap: Option<Box<Encoder>>,
    /// By field; those of an object behind `>`: `request>headers>Cookie`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub fields: BTreeMap<String, FieldFilter>,
}

/// With the level before each line, for systemd.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct JournaldEncoder {
    /// What writes the entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wrap: Option<Box<Encoder>>,
}

/// How the parts of an entry are named and written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EncoderKeys {
    /// The key of the text of an entry; left out if empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message_key: Option<String>,
    /// The key of its level; left out if empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level_key: Option<String>,
    /// The key of its time; left out if empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_key: Option<String>,
    /// The key of the logger's name; left out if empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_key: Option<String>,
    /// The key of the place in the code; left out if empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller_key: Option<String>,
    /// The key of the stack; left out if empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stacktrace_key: Option<String>,
    /// What ends an entry; a line feed if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line_ending: Option<String>,
    /// The form of a time: a name such as `rfc3339`, or Go's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub time_format: String,
    /// Local time instead of UTC.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub time_local: bool,
    /// The form of a duration: `seconds`, `ms`, `nano` or `string`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub duration_format: String,
    /// The form of a level: `lower`, `upper` or `color`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub level_format: String,
}
