//! Who signs certificates, and how it is shown whose a name is.

use serde::{Deserialize, Serialize};

use crate::{DnsProvider, Duration, NetworkProxy};

/// Who signs certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "module", rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "a config has few of them")]
pub enum Issuer {
    /// An ACME server.
    Acme(AcmeIssuer),
    /// An authority of our own.
    Internal(InternalIssuer),
    /// `ZeroSSL`, over its own API.
    Zerossl(ZeroSslIssuer),
}

/// An ACME server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AcmeIssuer {
    /// The directory's URL; Let's Encrypt's if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ca: String,
    /// The directory to try first after a failure.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub test_ca: String,
    /// The account's address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// The kind of certificate, by the server's name for it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub profile: String,
    /// The account's key, in PEM; found or made if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub account_key: String,
    /// An account elsewhere that the ACME account belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_account: Option<ExternalAccount>,
    /// For one order, with its challenges; the server's default if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acme_timeout: Option<Duration>,
    /// How the server's challenges are answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenges: Option<Challenges>,
    /// Roots that the server's own certificate may have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trusted_roots_pem_files: Vec<String>,
    /// Which of several chains is taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_chains: Option<PreferredChains>,
    /// The lifetime to ask for; the server's usual one if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_lifetime: Option<Duration>,
    /// The proxy between us and the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_proxy: Option<NetworkProxy>,
}

/// An account elsewhere that an ACME account belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ExternalAccount {
    /// Its name.
    pub key_id: String,
    /// Its secret, in base 64.
    pub mac_key: String,
}

/// Which of several chains is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PreferredChains {
    /// The one with the fewest bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub smallest: Option<bool>,
    /// The first one whose root is called so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub root_common_name: Vec<String>,
    /// The first one with a certificate that is called so.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any_common_name: Vec<String>,
}

/// How an ACME server's challenges are answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Challenges {
    /// Over HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http: Option<Challenge>,
    /// In a TLS handshake.
    #[serde(rename = "tls-alpn", skip_serializing_if = "Option::is_none")]
    pub tls_alpn: Option<Challenge>,
    /// By a DNS record; if it is there, it is the only one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns: Option<DnsChallenge>,
    /// The address to listen on for them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bind_host: String,
    /// Whether another server with the same storage may answer them; it may if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub distributed: Option<bool>,
}

/// Whether and where a kind of challenge is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Challenge {
    /// Never use it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// The port to listen on for it, where it is not the one that the outside sees; 0 for that one.
    #[serde(skip_serializing_if = "is_no_port")]
    pub alternate_port: u16,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_no_port(port: &u16) -> bool {
    *port == 0
}

/// How a name is shown to be ours by a DNS record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DnsChallenge {
    /// Who manages the records; the one for all if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<DnsProvider>,
    /// How long others may keep the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl: Option<Duration>,
    /// How long to wait before the first look for the record.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propagation_delay: Option<Duration>,
    /// How long to look for the record; two minutes if not given, never for -1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub propagation_timeout: Option<Duration>,
    /// The DNS servers to ask.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resolvers: Vec<String>,
    /// The name to put the record at, where another one leads to it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub override_domain: String,
}

/// An authority of our own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct InternalIssuer {
    /// Its id; `local` if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ca: String,
    /// The lifetime of a certificate; 12 hours if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lifetime: Option<Duration>,
    /// Sign with the root, not with the intermediate.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub sign_with_root: bool,
}

/// `ZeroSSL`, over its own API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ZeroSslIssuer {
    /// The account's key.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub api_key: String,
    /// The lifetime to ask for, in days; 90 if not given.
    #[serde(skip_serializing_if = "is_zero")]
    pub validity_days: i64,
    /// The address to listen on for the challenge.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub listen_host: String,
    /// The port to listen on for the challenge, where it is not the one that the outside sees.
    #[serde(skip_serializing_if = "is_zero")]
    pub alternate_http_port: i64,
    /// Show whose the name is by a DNS record, and not over HTTP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cname_validation: Option<DnsChallenge>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(number: &i64) -> bool {
    *number == 0
}
