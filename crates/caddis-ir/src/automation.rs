//! How certificates are got and kept: policies by name, and what holds for all of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Duration, Issuer, Ratio, Storage};

/// How certificates are got.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Automation {
    /// The first that has a name is the name's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<AutomationPolicy>,
    /// Who may have a certificate when a client first asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_demand: Option<OnDemand>,
    /// Between two looks for OCSP answers that have to be renewed; an hour if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ocsp_interval: Option<Duration>,
    /// Between two looks for certificates that have to be renewed; ten minutes if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renew_interval: Option<Duration>,
    /// Between two cleanings of the storage; a day if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage_clean_interval: Option<Duration>,
}

/// How the certificates of some names are got.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "the shape is Caddy's JSON")]
pub struct AutomationPolicy {
    /// The names; all others if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<String>,
    /// Asked in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issuers: Vec<Issuer>,
    /// Asked for a certificate at each handshake, before any other one is looked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub get_certificate: Vec<CertificateManager>,
    /// Ask for certificates that are not valid without an OCSP answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub must_staple: bool,
    /// The part of a certificate's lifetime, at its end, in which it is renewed; a third if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renewal_window_ratio: Option<Ratio>,
    /// `p256` if not given.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key_type: String,
    /// Where they are kept; the config's storage if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub storage: Option<Storage>,
    /// Get them when a client first asks.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub on_demand: bool,
    /// A renewed certificate has the key of the old one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub reuse_private_keys: bool,
    /// No OCSP answers with them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disable_ocsp_stapling: bool,
    /// Other OCSP servers in place of those that certificates name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub ocsp_overrides: BTreeMap<String, String>,
}

/// Who is asked for a certificate at each handshake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "via", rename_all = "snake_case", deny_unknown_fields)]
pub enum CertificateManager {
    /// A web server.
    Http {
        /// Its address; what the client asks for stands in the query.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        url: String,
    },
    /// Tailscale, on the same machine.
    Tailscale {},
}

/// Who may have a certificate when a client first asks.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OnDemand {
    /// An address that answers with 200 for names that may; the older form of `permission`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ask: String,
    /// Who decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permission: Option<Permission>,
}

/// Who decides whether a name may have a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "module", rename_all = "snake_case", deny_unknown_fields)]
pub enum Permission {
    /// A web server, which answers with 200 for names that may.
    Http {
        /// Its address; the name stands in the query.
        #[serde(default)]
        endpoint: String,
    },
}
