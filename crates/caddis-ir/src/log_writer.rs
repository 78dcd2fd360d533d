//! Where the entries of a log go.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::Duration;
use crate::scalar::number_of_nanoseconds;

/// The base of the digits of a mode.
const OCTAL: u32 = 8;

/// Where entries go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "output", rename_all = "snake_case", deny_unknown_fields)]
pub enum Writer {
    /// Standard output.
    Stdout {},
    /// Standard error.
    Stderr {},
    /// Nowhere.
    Discard {},
    /// A file, rolled when it grows.
    File(Box<FileWriter>),
    /// Another machine, or a socket.
    Net(NetWriter),
}

/// A file, rolled when it grows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FileWriter {
    /// The file.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub filename: String,
    /// Permissions, in octal: `0600`.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "octal")]
    pub mode: Option<String>,
    /// Permissions of folders that are made, in octal; or `inherit`, `from_file`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub dir_mode: String,
    /// Whether it is rolled at all; yes if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roll: Option<bool>,
    /// The size in MiB at which it is rolled; 100 if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roll_size_mb: Option<u64>,
    /// The time between rolls.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "number_of_nanoseconds"
    )]
    pub roll_interval: Option<Duration>,
    /// The minutes of each hour at which it is rolled.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roll_minutes: Vec<i64>,
    /// The times of each day at which it is rolled: `06:00`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub roll_at: Vec<String>,
    /// Whether rolled files are compressed; yes if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roll_gzip: Option<bool>,
    /// How rolled files are compressed: `gzip`, `zstd` or `none`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub roll_compression: String,
    /// Whether rolled files are named in local time.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub roll_local_time: bool,
    /// How many rolled files are kept; 10 if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roll_keep: Option<u64>,
    /// For how many days they are kept; 90 if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roll_keep_days: Option<u64>,
    /// How the time is written in the names of rolled files, in Go's form.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub backup_time_format: String,
}

/// Caddy reads permissions as octal digits.
fn octal<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    let mode = Option::<String>::deserialize(deserializer)?;
    match mode {
        Some(mode) if !mode.is_empty() && u32::from_str_radix(&mode, OCTAL).is_err() => Err(
            D::Error::custom(format!("`{mode}` is not a mode in octal digits")),
        ),
        mode => Ok(mode),
    }
}

/// Another machine, or a socket.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NetWriter {
    /// With the network: `tcp/localhost:5140`, `unix//run/log.sock`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub address: String,
    /// For connecting; ten seconds if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dial_timeout: Option<Duration>,
    /// Start without a connection, and write to standard error meanwhile.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub soft_start: bool,
}
