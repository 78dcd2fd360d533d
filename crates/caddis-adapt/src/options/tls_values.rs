//! What the global options say of certificates and TLS, beside who signs.

use caddis_ir::{
    DnsProvider, Duration, EncryptedClientHello, ExternalAccount, OnDemand, PreferredChains, Ratio,
};

/// What the global options say of certificates and TLS, beside who signs.
#[derive(Clone, Debug, Default)]
pub(crate) struct TlsOptions {
    /// An account elsewhere that ACME accounts belong to.
    pub(crate) external_account: Option<ExternalAccount>,
    /// The lifetime to ask ACME servers for.
    pub(crate) cert_lifetime: Option<Duration>,
    pub(crate) preferred_chains: Option<PreferredChains>,
    /// Who manages DNS records, where nothing else is said.
    pub(crate) dns: Option<DnsProvider>,
    /// All ACME servers have the DNS challenge, with this provider or the one for all.
    pub(crate) acme_dns: Option<AcmeDns>,
    /// DNS servers for the DNS challenge.
    pub(crate) resolvers: Vec<String>,
    /// Who may have a certificate when a client first asks.
    pub(crate) on_demand: Option<OnDemand>,
    /// Names that others see in place of hidden ones.
    pub(crate) hello: Option<EncryptedClientHello>,
    pub(crate) ocsp_stapling_off: bool,
    pub(crate) ocsp_interval: Option<Duration>,
    pub(crate) renewal_window_ratio: Option<Ratio>,
    pub(crate) storage_check_off: bool,
    pub(crate) storage_clean_off: bool,
    pub(crate) storage_clean_interval: Option<Duration>,
    /// The name to take where a client names none; empty if there is none.
    pub(crate) default_sni: String,
    /// The name to take where there is no certificate for the client's; empty if there is none.
    pub(crate) fallback_sni: String,
}

/// Who manages DNS records for all ACME servers.
#[derive(Clone, Debug)]
pub(crate) enum AcmeDns {
    /// This one.
    Named(DnsProvider),
    /// The one of the option `dns`.
    OfAll,
}
