//! The top of the config, and where it keeps its files.

use serde::{Deserialize, Serialize};

use crate::{HttpApp, Logging, PkiApp, TlsApp};

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

/// The admin endpoint.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Admin {
    /// No endpoint at all.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// The address to listen on.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub listen: String,
    /// Refuse requests without an allowed `Origin`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub enforce_origin: bool,
    /// The hosts and origins that may ask.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<String>,
    /// How configs that come in are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config: Option<AdminConfig>,
}

/// How configs that come in over the admin endpoint are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdminConfig {
    /// Whether the running config is saved for `--resume`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persist: Option<bool>,
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
