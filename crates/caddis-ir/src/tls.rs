//! Certificates, and how TLS connections are made.

use serde::{Deserialize, Serialize};

use crate::Duration;

/// Certificates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsApp {
    /// The ones that are loaded, and the names that are to be managed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificates: Option<Certificates>,
    /// How certificates are got.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automation: Option<Automation>,
}

/// Certificates that are loaded, and names that are to be managed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Certificates {
    /// Names to manage that no site has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub automate: Vec<String>,
    /// From files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub load_files: Vec<CertificateFile>,
}

/// A certificate with its chain, and its key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CertificateFile {
    /// The chain, in PEM.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub certificate: String,
    /// The key, in PEM.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key: String,
    /// `pem` if not given.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub format: String,
    /// By which connection policies choose it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// How certificates are got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Automation {
    /// The first that has a name is the name's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<AutomationPolicy>,
    /// Between two looks for certificates that have to be renewed; ten minutes if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renew_interval: Option<Duration>,
}

/// How the certificates of some names are got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AutomationPolicy {
    /// The names; all others if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<String>,
    /// Asked in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issuers: Vec<Issuer>,
    /// `p256` if not given.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub key_type: String,
    /// Get them when a client first asks.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub on_demand: bool,
}

/// Who signs certificates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "module", rename_all = "snake_case")]
pub enum Issuer {
    /// An ACME server.
    Acme(AcmeIssuer),
    /// An authority of our own.
    Internal(InternalIssuer),
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
    /// For one order, with its challenges; the server's default if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acme_timeout: Option<Duration>,
    /// How the server's challenges are answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenges: Option<Challenges>,
    /// Roots that the server's own certificate may have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trusted_roots_pem_files: Vec<String>,
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
    /// The address to listen on for them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub bind_host: String,
}

/// Whether and where a kind of challenge is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Challenge {
    /// Never use it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
    /// The port to listen on for it, where it is not the one that the outside sees; 0 for that one.
    #[serde(skip_serializing_if = "is_zero")]
    pub alternate_port: u16,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(port: &u16) -> bool {
    *port == 0
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
    /// The oldest protocol: `tls1.2` or `tls1.3`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub protocol_min: String,
    /// The newest protocol.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub protocol_max: String,
}

/// Which TLS connections a policy is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectionMatch {
    /// The names that clients ask for, with `*` for one label.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sni: Vec<String>,
}

/// Which certificate is taken.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CertificateSelection {
    /// One with any of these tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub any_tag: Vec<String>,
}
