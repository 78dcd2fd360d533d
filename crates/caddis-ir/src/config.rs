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
#[serde(tag = "module", rename_all = "snake_case")]
pub enum Storage {
    /// A folder.
    FileSystem {
        /// The folder; the data directory if empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        root: String,
    },
}

/// What is served.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Apps {
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
