//! Certificate authorities of our own.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Certificate authorities, by id; `local` is the one that `tls internal` uses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PkiApp {
    /// The authorities.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub certificate_authorities: BTreeMap<String, Authority>,
}

/// One certificate authority.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// Whether the root is put into the system's trust store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub install_trust: Option<bool>,
}
