//! Who manages DNS records, and names hidden with what is published there.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

/// Who manages DNS records. Caddy has none of its own, each is a plugin; these are those of caddis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum DnsProvider {
    /// A program.
    Exec {
        /// The program, and the arguments that come before ours.
        command: Vec<String>,
    },
    /// A DNS server that takes updates (RFC 2136), in the form of the plugin of that name.
    Rfc2136(Rfc2136),
}

/// A DNS server that takes updates, and the key that signs them.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rfc2136 {
    /// The name of the key.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key_name: String,
    /// `hmac-sha256` if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key_alg: String,
    /// The secret, in base 64.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// Its address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub server: String,
}

impl std::fmt::Debug for Rfc2136 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.server, self.key_name, self.key_alg)
    }
}

/// The providers that there are, as they stand in JSON.
#[derive(Deserialize)]
#[serde(tag = "name", rename_all = "snake_case", deny_unknown_fields)]
enum Known {
    Exec { command: Vec<String> },
    Rfc2136(Rfc2136),
}

impl<'de> Deserialize<'de> for DnsProvider {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let module = serde_json::Value::deserialize(deserializer)?;
        let name = module
            .get("name")
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default();
        if !["exec", "rfc2136"].contains(&name) {
            return Err(D::Error::custom(format!(
                "the DNS provider `{name}` is a plugin of Caddy, and caddis has no plugins but `exec` and `rfc2136`"
            )));
        }
        match Known::deserialize(module).map_err(D::Error::custom)? {
            Known::Exec { command } => Ok(Self::Exec { command }),
            Known::Rfc2136(config) => Ok(Self::Rfc2136(config)),
        }
    }
}

/// Names that clients ask for, hidden from others (ECH).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EncryptedClientHello {
    /// The names that others see in place of the hidden ones; the first is for new clients.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub configs: Vec<OuterName>,
    /// How clients come to know of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub publication: Vec<Publication>,
}

/// A name that others see in place of the hidden ones.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OuterName {
    /// The name.
    pub public_name: String,
}

/// How clients come to know of hidden names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Publication {
    /// The outer names that are published; all if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub configs: Vec<String>,
    /// The hidden names that it is published for; all if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// Where it is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publishers: Option<Publishers>,
}

/// Where hidden names are published.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Publishers {
    /// In DNS.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns: Option<DnsPublisher>,
}

/// Publishing in DNS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DnsPublisher {
    /// Who manages the records; the one for all if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<DnsProvider>,
}
