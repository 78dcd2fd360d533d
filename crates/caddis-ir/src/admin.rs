//! The admin endpoint, and where configs come from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::scalar::lists;
use crate::{Duration, Issuer};

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
    /// The certificate of this server itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<AdminIdentity>,
    /// A second endpoint, over TLS with client certificates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<RemoteAdmin>,
}

/// How configs are kept, and where the next one comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdminConfig {
    /// Whether the running config is saved for `--resume`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persist: Option<bool>,
    /// Where to load another config from, once this one runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load: Option<ConfigLoader>,
    /// How long to wait before; again and again if given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_delay: Option<Duration>,
}

/// Where to load a config from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "module", rename_all = "snake_case")]
pub enum ConfigLoader {
    /// A web server.
    Http(Box<HttpLoader>),
}

/// A web server to load a config from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpLoader {
    /// `GET` if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// The URL.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// Header fields of the request.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "lists")]
    pub header: BTreeMap<String, Vec<String>>,
    /// For the whole request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Duration>,
    /// What the answer is, if it is no JSON: `caddyfile`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub adapter: String,
    /// How to speak TLS with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<HttpLoaderTls>,
}

/// How to speak TLS with a web server that has a config.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpLoaderTls {
    /// Show the certificate of `identity`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub use_server_identity: bool,
    /// A certificate to show, in PEM.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client_certificate_file: String,
    /// Its key.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub client_certificate_key_file: String,
    /// The roots that the server's certificate may have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub root_ca_pem_files: Vec<String>,
}

/// The certificate of this server itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdminIdentity {
    /// The names in it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<String>,
    /// Who signs it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issuers: Vec<Issuer>,
}

/// A second endpoint, over TLS with client certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RemoteAdmin {
    /// The address to listen on; `:2021` if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub listen: String,
    /// Who may do what.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub access_control: Vec<AdminAccess>,
}

/// What the owners of some keys may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdminAccess {
    /// Their certificates, in base64 of DER.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub public_keys: Vec<String>,
    /// What they may do; everything if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<AdminPermissions>,
}

/// What may be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AdminPermissions {
    /// Paths, with what is below them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub paths: Vec<String>,
    /// Methods.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub methods: Vec<String>,
}
