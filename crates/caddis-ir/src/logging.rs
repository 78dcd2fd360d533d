//! Loggers: what is written where, and in which form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Duration;

/// All loggers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Logging {
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
    /// The least level that is written: `DEBUG`, `INFO`, `WARN`, `ERROR`, `PANIC` or `FATAL`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub level: String,
    /// The names of loggers whose entries are taken; all if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// The names of loggers whose entries are left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
}

/// Where entries go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "output", rename_all = "snake_case")]
pub enum Writer {
    /// Standard output.
    Stdout {},
    /// Standard error.
    Stderr {},
    /// Nowhere.
    Discard {},
    /// A file, rolled when it grows.
    #[serde(rename_all = "snake_case")]
    File {
        /// The file.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        filename: String,
        /// Permissions, in octal: `0600`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<String>,
        /// Whether it is rolled at all; yes if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        roll: Option<bool>,
        /// The size in MiB at which it is rolled; 100 if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        roll_size_mb: Option<u64>,
        /// Whether rolled files are compressed; yes if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        roll_gzip: Option<bool>,
        /// Whether rolled files are named in local time.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        roll_local_time: bool,
        /// How many rolled files are kept; 10 if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        roll_keep: Option<u64>,
        /// For how many days they are kept; 90 if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        roll_keep_days: Option<u64>,
        /// The time between rolls.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        roll_interval: Option<Duration>,
    },
}

/// The form of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "format", rename_all = "snake_case")]
pub enum Encoder {
    /// One JSON object per line.
    Json {},
    /// Columns for people.
    Console {},
}
