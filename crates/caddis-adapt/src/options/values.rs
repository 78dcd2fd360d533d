//! What the global options say, once they are read.

use std::collections::BTreeMap;

use caddis_ir::{Admin, Authority, AutomaticHttps, Duration, Issuer, Metrics, Storage};
use caddis_source::Span;

use super::{ServerOptions, TlsOptions};
use crate::SiteLog;
use crate::order::Order;
use crate::sites::Bind;

/// The port that is plain HTTP unless an option says otherwise.
const HTTP_PORT: u16 = 80;

/// The port that is HTTPS unless an option says otherwise.
const HTTPS_PORT: u16 = 443;

/// What the global options say.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option that is there or not"
)]
pub(crate) struct Options {
    pub(crate) http_port: Option<u16>,
    pub(crate) https_port: Option<u16>,
    /// Addresses for sites without `bind`.
    pub(crate) default_bind: Vec<Bind>,
    pub(crate) grace_period: Option<Duration>,
    pub(crate) shutdown_delay: Option<Duration>,
    /// There is an app for events, which nothing but a plugin can use.
    pub(crate) events: bool,
    /// What is counted of requests.
    pub(crate) metrics: Option<Metrics>,
    /// The order of directives.
    pub(crate) order: Order,
    /// The address of the ACME account.
    pub(crate) email: Option<String>,
    /// The directory of the ACME server.
    pub(crate) acme_ca: Option<String>,
    /// A root that the ACME server's own certificate may have.
    pub(crate) acme_ca_root: Option<String>,
    /// Who signs certificates, and the lines that say it.
    pub(crate) cert_issuers: Vec<(Issuer, Span)>,
    /// The kind of key that certificates get.
    pub(crate) key_type: Option<String>,
    pub(crate) renew_interval: Option<Duration>,
    /// Certificates and TLS, beside who signs.
    pub(crate) tls: TlsOptions,
    /// Certificate authorities of our own; of two with one id the last counts.
    pub(crate) authorities: Vec<(String, Authority)>,
    /// Every certificate from our own authority.
    pub(crate) local_certs: bool,
    /// Our own authority is not put into the system's trust store.
    pub(crate) skip_install_trust: bool,
    pub(crate) auto_https: AutomaticHttps,
    pub(crate) debug: bool,
    pub(crate) admin: Option<Admin>,
    /// The running config is not saved.
    pub(crate) persist_config_off: bool,
    pub(crate) storage: Option<Storage>,
    pub(crate) servers: Vec<ServerOptions>,
    /// Loggers; the one without a name is `default`.
    pub(crate) logs: Vec<SiteLog>,
    /// Where each option stands, the last line of those that count.
    pub(crate) places: BTreeMap<&'static str, Span>,
}

impl Options {
    /// Where an option stands.
    pub(crate) fn place(&self, option: &str) -> Option<Span> {
        self.places.get(option).copied()
    }

    /// The port that is plain HTTP.
    pub(crate) fn http(&self) -> u16 {
        self.http_port.unwrap_or(HTTP_PORT)
    }

    /// The port that is HTTPS.
    pub(crate) fn https(&self) -> u16 {
        self.https_port.unwrap_or(HTTPS_PORT)
    }
}
