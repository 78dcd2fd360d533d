//! Pools of authorities: whose certificates are believed, of clients and of upstreams.

use serde::{Deserialize, Serialize};

use crate::{Duration, Storage};

/// Where the authorities come from whose certificates are believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "provider", rename_all = "snake_case", deny_unknown_fields)]
pub enum CaPool {
    /// All of several pools.
    Combined {
        /// The pools.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        sources: Vec<CaPool>,
    },
    /// Files in PEM.
    File {
        /// The files.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pem_files: Vec<String>,
    },
    /// Files in PEM that web servers have.
    Http {
        /// Their addresses.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        endpoints: Vec<String>,
        /// How the web servers are asked over TLS.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tls: Option<CaPoolTls>,
    },
    /// Certificates that stand in the config.
    Inline {
        /// DER in base 64.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        trusted_ca_certs: Vec<String>,
    },
    /// The intermediates of our own authorities.
    PkiIntermediate {
        /// Their ids.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        authority: Vec<String>,
    },
    /// The roots of our own authorities.
    PkiRoot {
        /// Their ids.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        authority: Vec<String>,
    },
    /// What is stored under some keys.
    Storage {
        /// The storage; the config's own if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        storage: Option<Storage>,
        /// The keys, each of a text in PEM.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pem_keys: Vec<String>,
    },
    /// The authorities of the operating system.
    System {},
}

/// How a web server is asked for authorities over TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CaPoolTls {
    /// Whom to believe; the system's authorities if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<Box<CaPool>>,
    /// Believe anybody.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub insecure_skip_verify: bool,
    /// For the handshake; without limit if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handshake_timeout: Option<Duration>,
    /// The name that the certificate must have; the host's if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub server_name: String,
    /// `never`, `once` or `freely`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub renegotiation: String,
}
