//! What all orders have in common, over loads of the config too.

use std::collections::BTreeSet;
use std::sync::Arc;

use arc_swap::ArcSwap;
use caddis_ir::Apps;

use super::accounts::Accounts;
use super::listener::Listeners;
use crate::listen::ListenAddress;
use crate::tls::Challenges;
use crate::tls::validations::Validations;

/// What all orders have in common.
#[derive(Debug, Default)]
pub(crate) struct World {
    /// What is being proven.
    pub(crate) challenges: Arc<Challenges>,
    /// The ports that servers of the config listen on.
    pub(crate) listening: ArcSwap<BTreeSet<u16>>,
    pub(super) accounts: Accounts,
    pub(super) validations: Arc<Validations>,
    pub(super) listeners: Listeners,
}

impl World {
    /// Leaves ports to servers of another config, and says which ports servers had before.
    pub(crate) async fn make_way(&self, wanted: &BTreeSet<u16>) -> Arc<BTreeSet<u16>> {
        let before = self.listening.load_full();
        // Until that config is served, or not, no challenge is to take them again.
        self.listening.store(Arc::new(&*before | wanted));
        self.listeners.make_way(wanted).await;
        before
    }
}

/// The ports on which an ACME server is answered if an issuer does not name others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    pub(super) http: u16,
    pub(super) https: u16,
}

impl Ports {
    pub(crate) fn of(apps: &Apps) -> Self {
        let http = apps.http.as_ref();
        Self {
            http: http.and_then(|http| http.http_port).unwrap_or(80),
            https: http.and_then(|http| http.https_port).unwrap_or(443),
        }
    }
}

/// The ports that servers listen on.
pub(crate) fn listening(apps: &Apps) -> BTreeSet<u16> {
    let servers = apps.http.iter().flat_map(|http| http.servers.values());
    let addresses = servers.flat_map(|server| &server.listen);
    let addresses = addresses.filter_map(|text| ListenAddress::parse(text).ok());
    let addresses = addresses.filter(|address| !matches!(address, ListenAddress::Unix { .. }));
    addresses
        .flat_map(|address| address.each_port())
        .map(|address| address.port())
        .collect()
}
