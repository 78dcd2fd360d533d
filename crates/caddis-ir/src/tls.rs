//! Certificates: which are loaded, how the others are got, and what all TLS connections share.

use serde::{Deserialize, Serialize};

use crate::{Automation, DnsProvider, Duration, EncryptedClientHello, Storage};

/// Certificates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TlsApp {
    /// The ones that are loaded, and the names that are to be managed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificates: Option<Certificates>,
    /// How certificates are got.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automation: Option<Automation>,
    /// The keys by which clients come back without a whole handshake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_tickets: Option<SessionTickets>,
    /// How many certificates are held in memory.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache: Option<CertificateCache>,
    /// No OCSP answers with certificates that are loaded.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disable_ocsp_stapling: bool,
    /// Start without a try whether the storage can be written.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disable_storage_check: bool,
    /// Leave what has expired in the storage.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disable_storage_clean: bool,
    /// Names that clients ask for, hidden from others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypted_client_hello: Option<EncryptedClientHello>,
    /// Who manages DNS records, where nothing else is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dns: Option<DnsProvider>,
    /// DNS servers for the DNS challenge, where nothing else is said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub resolvers: Vec<String>,
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
    /// From every PEM file below these folders, each with chain and key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub load_folders: Vec<String>,
    /// From the config itself.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub load_pem: Vec<CertificatePem>,
    /// From a storage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_storage: Option<CertificatesInStorage>,
}

/// A certificate with its chain, and its key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CertificateFile {
    /// The chain, in PEM.
    pub certificate: String,
    /// The key, in PEM.
    pub key: String,
    /// `pem` if not given.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub format: String,
    /// By which connection policies choose it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// A certificate with its chain, and its key, as texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CertificatePem {
    /// The chain, in PEM.
    pub certificate: String,
    /// The key, in PEM.
    pub key: String,
    /// By which connection policies choose it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}

/// Certificates that lie in the config's storage.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CertificatesInStorage {
    /// The certificates; the paths are those of keys of the storage.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<CertificateFile>,
}

/// The keys by which clients come back without a whole handshake.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionTickets {
    /// Where the keys come from; made here if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_source: Option<TicketKeys>,
    /// Between two keys; 12 hours if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rotation_interval: Option<Duration>,
    /// How many keys are known at a time; 4 if not given.
    #[serde(skip_serializing_if = "is_zero")]
    pub max_keys: i64,
    /// Stay with the first key.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disable_rotation: bool,
    /// No tickets at all.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub disabled: bool,
}

/// Where the keys of session tickets come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "provider", rename_all = "snake_case", deny_unknown_fields)]
pub enum TicketKeys {
    /// From a storage, so that several servers share them.
    Distributed {
        /// The storage; the config's own if not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        storage: Option<Storage>,
    },
    /// From this server alone.
    Standard {},
}

/// How many certificates are held in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CertificateCache {
    /// At most so many; 10 000 if not given.
    #[serde(skip_serializing_if = "is_zero")]
    pub capacity: i64,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(number: &i64) -> bool {
    *number == 0
}
