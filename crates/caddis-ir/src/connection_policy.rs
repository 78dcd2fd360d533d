//! How TLS connections are made: for whom, with which certificate, and what clients have to show.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use crate::{CaPool, Pattern, Storage};

/// How some TLS connections are made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectionPolicy {
    /// Which ones; all if not given.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub matchers: Option<ConnectionMatch>,
    /// Which certificate they get, if several fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_selection: Option<CertificateSelection>,
    /// The ciphers of TLS 1.2, by their names; those that are safe if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cipher_suites: Vec<String>,
    /// The groups of the key exchange, the best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub curves: Vec<String>,
    /// The protocols inside that are offered, the best first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub alpn: Vec<String>,
    /// The oldest protocol: `tls1.2` or `tls1.3`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub protocol_min: String,
    /// The newest protocol.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub protocol_max: String,
    /// Refuse them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub drop: bool,
    /// What clients have to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_authentication: Option<ClientAuthentication>,
    /// The name to take where a client names none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub default_sni: String,
    /// The name to take where there is no certificate for the one that a client names.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub fallback_sni: String,
    /// The file that gets the secrets of the connections, which is for looking into them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub insecure_secrets_log: String,
    /// What is noted of a handshake for others to see; stock Caddy has no module for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handshake_context: Option<HandshakeContext>,
}

/// What is noted of a handshake; stock Caddy has no such module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "module")]
pub enum HandshakeContext {}

/// Which TLS connections a policy is for; all of these have to fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectionMatch {
    /// Those that come in at these addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub local_ip: Option<LocalIp>,
    /// Those that come from these addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote_ip: Option<RemoteIp>,
    /// The names that clients ask for, with `*` for one label.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sni: Vec<String>,
    /// A pattern of the name that clients ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sni_regexp: Option<Pattern>,
}

/// Addresses of the server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LocalIp {
    /// Addresses and ranges.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<String>,
}

/// Addresses of clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RemoteIp {
    /// Addresses and ranges; every one if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<String>,
    /// Addresses and ranges that do not count.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_ranges: Vec<String>,
}

/// Which certificate is taken: one that all of this is true of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CertificateSelection {
    /// One with any of these numbers, in decimal.
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "numbers")]
    pub serial_number: Vec<String>,
    /// One for any of these organizations.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subject_organization: Vec<String>,
    /// One with such a key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key_algorithm: Option<KeyAlgorithm>,
    /// One with any of these tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any_tag: Vec<String>,
    /// One with all of these tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub all_tags: Vec<String>,
}

/// Caddy takes whole numbers of any length, as texts.
fn numbers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let numbers = Vec::<String>::deserialize(deserializer)?;
    let is_number = |text: &&String| {
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    };
    match numbers.iter().find(|text| !is_number(text)) {
        None => Ok(numbers),
        Some(text) => Err(D::Error::custom(format!("`{text}` is not a whole number"))),
    }
}

/// The kind of a certificate's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyAlgorithm {
    /// DSA.
    Dsa,
    /// Elliptic curves.
    Ecdsa,
    /// RSA.
    Rsa,
}

impl<'de> Deserialize<'de> for KeyAlgorithm {
    /// Whatever the case of the name, as Caddy reads it.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        match name.to_ascii_lowercase().as_str() {
            "dsa" => Ok(Self::Dsa),
            "ecdsa" => Ok(Self::Ecdsa),
            "rsa" => Ok(Self::Rsa),
            _ => Err(D::Error::unknown_variant(&name, &["dsa", "ecdsa", "rsa"])),
        }
    }
}

/// What clients have to show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClientAuthentication {
    /// Who may have signed their certificates.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca: Option<CaPool>,
    /// The same, as DER in base 64; the older form of `ca`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trusted_ca_certs: Vec<String>,
    /// The same, as files; the older form of `ca`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trusted_ca_certs_pem_files: Vec<String>,
    /// The certificates that they may have, as DER in base 64; the older form of `verifiers`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trusted_leaf_certs: Vec<String>,
    /// Who looks at their certificates beside that.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub verifiers: Vec<Verifier>,
    /// `request`, `require`, `verify_if_given` or `require_and_verify`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mode: String,
}

/// Who looks at the certificates of clients.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verifier", rename_all = "snake_case", deny_unknown_fields)]
pub enum Verifier {
    /// Only these certificates may be shown.
    Leaf {
        /// Where the certificates come from.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        leaf_certs_loaders: Vec<LeafLoader>,
    },
}

/// Where certificates that clients may show come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "loader", rename_all = "snake_case", deny_unknown_fields)]
pub enum LeafLoader {
    /// Files in PEM.
    File {
        /// The files.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        files: Vec<String>,
    },
    /// Every PEM file below folders.
    Folder {
        /// The folders.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        folders: Vec<String>,
    },
    /// The config itself.
    Pem {
        /// Texts in PEM.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        certificates: Vec<String>,
    },
    /// A storage.
    Storage {
        /// The storage; the config's own if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        storage: Option<Storage>,
        /// Keys of texts in PEM.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        certificates: Vec<String>,
    },
}
