//! Who manages DNS records, and names hidden with what is published there.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Who manages DNS records. Caddy has none of its own, each is a plugin; so no value is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DnsProvider {}

impl Serialize for DnsProvider {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        match *self {}
    }
}

impl<'de> Deserialize<'de> for DnsProvider {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let module = serde_json::Value::deserialize(deserializer)?;
        let name = module
            .get("name")
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default();
        Err(D::Error::custom(format!(
            "the DNS provider `{name}` is a plugin of Caddy, and caddis has no plugins"
        )))
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
