//! Certificate authorities of our own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Duration, Ratio, Storage};

/// Certificate authorities, by id; `local` is the one that `tls internal` uses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PkiApp {
    /// The authorities.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub certificate_authorities: BTreeMap<String, Authority>,
}

/// One certificate authority.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Authority {
    /// The name for people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// The root certificate's common name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub root_common_name: String,
    /// The intermediate certificate's common name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub intermediate_common_name: String,
    /// The lifetime of an intermediate certificate; 7 days if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intermediate_lifetime: Option<Duration>,
    /// Whether the root is put into the system's trust store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub install_trust: Option<bool>,
    /// A root that is there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root: Option<KeyPair>,
    /// An intermediate that is there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub intermediate: Option<KeyPair>,
    /// Between two looks for certificates that have to be renewed; ten minutes if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maintenance_interval: Option<Duration>,
    /// The part of a certificate's lifetime, at its end, in which it is renewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewal_window_ratio: Option<Ratio>,
    /// Where it is kept; the config's storage if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
}

/// A certificate and its key, as files.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct KeyPair {
    /// The certificate.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub certificate: String,
    /// The key.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub private_key: String,
    /// `pem_file` if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub format: String,
}
