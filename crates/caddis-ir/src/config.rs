//! The top of the config, and where it keeps its files.

use serde::{Deserialize, Serialize};

use crate::{Admin, EventsApp, HttpApp, Logging, PkiApp, TlsApp};

/// A whole config.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The admin endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub admin: Option<Admin>,
    /// Loggers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logging: Option<Logging>,
    /// Where certificates and keys are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
    /// What is served.
    #[serde(skip_serializing_if = "Apps::is_empty")]
    pub apps: Apps,
}

/// Where certificates, keys and other state are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "module", rename_all = "snake_case", deny_unknown_fields)]
pub enum Storage {
    /// A folder.
    FileSystem {
        /// The folder; the data directory if empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        root: String,
    },
}

/// File systems beside the one of the operating system, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FilesystemsApp {
    /// The file systems.
    pub filesystems: Vec<Filesystem>,
}

/// A file system by its name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Filesystem {
    /// The name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Where its files are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_system: Option<FilesystemBackend>,
}

/// Where the files of a file system are; stock Caddy has no such module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "backend")]
pub enum FilesystemBackend {}

/// What is served.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Apps {
    /// File systems beside the one of the operating system.
    #[serde(rename = "caddy.filesystems", skip_serializing_if = "Option::is_none")]
    pub filesystems: Option<FilesystemsApp>,
    /// What happens when something happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<EventsApp>,
    /// HTTP servers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<HttpApp>,
    /// Certificate authorities of our own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pki: Option<PkiApp>,
    /// Certificates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsApp>,
}

impl Apps {
    /// True if nothing is served.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
