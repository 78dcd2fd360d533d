//! Loggers: what is written where, and in which form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::scalar::number_of_nanoseconds;
use crate::{Duration, Encoder, Writer};

/// All loggers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Logging {
    /// Where entries of code that knows nothing of these loggers go.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sink: Option<SinkLog>,
    /// By name; `default` takes what no other one excludes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub logs: BTreeMap<String, Log>,
}

/// One logger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// Where entries go; standard error if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writer: Option<Writer>,
    /// The form of an entry; JSON, or console on a terminal, if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoder: Option<Encoder>,
    /// What joins writer and encoder; the usual one if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub core: Option<LogCore>,
    /// The least level that is written: `DEBUG`, `INFO`, `WARN`, `ERROR`, `PANIC` or `FATAL`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub level: String,
    /// Which of many equal entries are written; all if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampling: Option<LogSampling>,
    /// Write the place in the code.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub with_caller: bool,
    /// How many callers to leave out of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with_caller_skip: Option<i64>,
    /// The least level at which the stack is written as well.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub with_stacktrace: String,
    /// The names of loggers whose entries are taken; all if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// The names of loggers whose entries are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
}

/// Where entries of code that knows nothing of these loggers go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SinkLog {
    /// Where entries go; standard error if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub writer: Option<Writer>,
    /// The form of an entry; JSON, or console on a terminal, if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoder: Option<Encoder>,
    /// What joins writer and encoder; the usual one if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub core: Option<LogCore>,
    /// The least level that is written: `DEBUG`, `INFO`, `WARN`, `ERROR`, `PANIC` or `FATAL`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub level: String,
    /// Which of many equal entries are written; all if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sampling: Option<LogSampling>,
    /// Write the place in the code.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub with_caller: bool,
    /// How many callers to leave out of that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with_caller_skip: Option<i64>,
    /// The least level at which the stack is written as well.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub with_stacktrace: String,
}

/// What joins writer and encoder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "module", rename_all = "snake_case", deny_unknown_fields)]
pub enum LogCore {
    /// Drops every entry; for tests of Caddy's.
    Mock {},
}

/// Which of many entries with one level and text are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogSampling {
    /// The time over which they are counted; a second if not given.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "number_of_nanoseconds"
    )]
    pub interval: Option<Duration>,
    /// How many are written at first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<i64>,
    /// Each how many of the others is written; none if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thereafter: Option<i64>,
}
