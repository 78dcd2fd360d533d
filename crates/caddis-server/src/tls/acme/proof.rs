//! The proof that a name is ours: shown as long as a challenge is under way.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use caddis_ir::AcmeIssuer;
use instant_acme::ChallengeType;
use rustls_acme::acme::ChallengeType as ForProver;
use tracing::warn;

use super::accounts::Account;
use super::issuer::Acme;
use super::listener::{Listener, Spoken};
use super::world::{Ports, World};
use crate::tls::dns;
use crate::tls::issuer::{Cause, Refusal};

/// How long taking a record out of its zone may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A kind of challenge that we can answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    TlsAlpn,
    Http,
    Dns,
}

/// A challenge that is under way.
#[derive(Clone, Copy)]
pub(super) struct Challenge<'a> {
    pub(super) kind: Kind,
    pub(super) name: &'a str,
    pub(super) token: &'a str,
    pub(super) account: &'a Account,
}

/// Shown until it is hidden, or dropped.
pub(super) enum Proof<'a> {
    Here(Here<'a>),
    InDns(InDns),
}

/// A proof that this server shows itself, until it is dropped.
pub(super) struct Here<'a> {
    world: &'a World,
    token: String,
    shown: String,
    _listener: Option<Arc<Listener>>,
}

/// A record in a zone, until it is taken out.
pub(super) struct InDns(Option<(Arc<dyn dns::Provide>, dns::Record)>);

/// The challenges that an issuer of the config takes, in the order of trying them, which is left to chance as in
/// Caddy: where one of them does not work, half of the names do not have to find that out. The DNS challenge is the
/// only one where it is given, and the only one for a wildcard.
pub(super) fn challenges(config: &AcmeIssuer, name: &str, chance: bool) -> Vec<Kind> {
    let challenges = config.challenges.as_ref();
    if challenges.is_some_and(|challenges| challenges.dns.is_some()) {
        return vec![Kind::Dns];
    }
    if name.contains('*') {
        return Vec::new();
    }
    let off = |of: Option<&caddis_ir::Challenge>| of.is_some_and(|one| one.disabled);
    let mut taken = Vec::new();
    if !off(challenges.and_then(|challenges| challenges.tls_alpn.as_ref())) {
        taken.push(Kind::TlsAlpn);
    }
    if !off(challenges.and_then(|challenges| challenges.http.as_ref())) {
        taken.push(Kind::Http);
    }
    if chance {
        taken.reverse();
    }
    taken
}

impl Kind {
    /// What it is called.
    pub(super) fn called(self) -> &'static str {
        match self {
            Self::Http => "http-01",
            Self::Dns => "dns-01",
            Self::TlsAlpn => "tls-alpn-01",
        }
    }

    pub(super) fn of_server(self) -> ChallengeType {
        match self {
            Self::Http => ChallengeType::Http01,
            Self::Dns => ChallengeType::Dns01,
            Self::TlsAlpn => ChallengeType::TlsAlpn01,
        }
    }
}

impl<'a> Proof<'a> {
    /// Answers a challenge from now on.
    pub(super) async fn show(acme: &'a Acme, challenge: &Challenge<'_>) -> Result<Self, Refusal> {
        let (world, name) = (acme.world(), challenge.name);
        let shown = match challenge.kind {
            Kind::Dns => return InDns::show(acme, challenge).await.map(Self::InDns),
            Kind::TlsAlpn => challenge.over_tls(world)?,
            Kind::Http => {
                let text = challenge.key_authorization();
                (world.challenges).answer_over_http(challenge.token, name, &text);
                name.to_owned()
            }
        };
        Ok(Self::Here(Here {
            world,
            token: challenge.token.to_owned(),
            shown,
            _listener: listener(world, acme.config(), acme.ports(), challenge.kind),
        }))
    }

    /// Ends the answer.
    pub(super) async fn hide(self) {
        match self {
            Self::Here(here) => drop(here),
            Self::InDns(in_dns) => in_dns.hide().await,
        }
    }
}

impl Challenge<'_> {
    /// What is to be shown: the token, and the fingerprint of the account's key.
    fn key_authorization(&self) -> String {
        let thumbprint = self.account.speaker.key_thumbprint();
        format!("{}.{thumbprint}", self.token)
    }

    /// Answers handshakes, and says for which name they ask.
    fn over_tls(&self, world: &World) -> Result<String, Refusal> {
        let offered = [rustls_acme::acme::Challenge {
            typ: ForProver::TlsAlpn01,
            url: String::new(),
            token: self.token.to_owned(),
            error: None,
        }];
        let prover = &self.account.prover;
        let made = prover.tls_alpn_01(&offered, self.name.to_owned());
        let (_, certificate) = made.map_err(|error| {
            Refusal::new(Cause::Refused, format!("{}: {error}", self.kind.called()))
        })?;
        let asked = self.name.parse::<IpAddr>();
        let asked = asked.map_or_else(|_| self.name.to_owned(), reverse);
        (world.challenges).answer_in_handshakes(&asked, &Arc::new(certificate));
        Ok(asked)
    }
}

/// The name that stands for an address in handshakes (RFC 8738): no name of a server can be an address.
fn reverse(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{d}.{c}.{b}.{a}.in-addr.arpa")
        }
        IpAddr::V6(address) => {
            let bytes = address.octets().into_iter().rev();
            let digits = bytes.map(|byte| format!("{:x}.{:x}.", byte & 15, byte >> 4));
            format!("{}ip6.arpa", digits.collect::<String>())
        }
    }
}

impl InDns {
    async fn show(acme: &Acme, challenge: &Challenge<'_>) -> Result<Self, Refusal> {
        let refused = |fault: String| {
            let help = "look at the settings of the DNS provider, and at what it says";
            Refusal::new(Cause::Refused, format!("dns-01: {fault}")).with_help(help)
        };
        let settings = acme
            .dns()
            .ok_or_else(|| refused("there is no DNS provider".into()))?;
        let text = challenge.key_authorization();
        let value = digest::digest(&digest::SHA256, text.as_bytes());
        let record = settings.record(challenge.name, URL_SAFE_NO_PAD.encode(value));
        // From here on it may be there.
        let shown = Self(Some((Arc::clone(&settings.provider), record.clone())));
        let seen = match settings.provider.add(&record).await {
            Ok(()) => dns::wait(settings, &record).await,
            Err(fault) => Err(fault),
        };
        if let Err(fault) = seen {
            shown.hide().await;
            return Err(refused(fault));
        }
        Ok(shown)
    }

    async fn hide(mut self) {
        if let Some((provider, record)) = self.0.take() {
            take_out(provider, record).await;
        }
    }
}

impl Drop for InDns {
    /// Who breaks off a challenge cannot wait; the record goes a little later, or stays if the process ends.
    fn drop(&mut self) {
        let runtime = tokio::runtime::Handle::try_current();
        if let Some((provider, record)) = self.0.take()
            && let Ok(runtime) = runtime
        {
            runtime.spawn(take_out(provider, record));
        }
    }
}

async fn take_out(provider: Arc<dyn dns::Provide>, record: dns::Record) {
    let removed = tokio::time::timeout(PATIENCE, provider.remove(&record)).await;
    let fault = match removed {
        Ok(Ok(())) => return,
        Ok(Err(fault)) => fault,
        Err(_) => format!("it took over {} s", PATIENCE.as_secs()),
    };
    warn!(
        target: "tls.issuance.acme", name = record.name, error = fault,
        "the DNS record of a challenge could not be taken away"
    );
}

impl Drop for Here<'_> {
    fn drop(&mut self) {
        self.world.challenges.forget(&self.token, &self.shown);
    }
}

/// A listener of our own, if no server of the config listens where the ACME server looks.
fn listener(world: &World, config: &AcmeIssuer, ports: Ports, kind: Kind) -> Option<Arc<Listener>> {
    let challenges = config.challenges.as_ref();
    let (given, usual, spoken) = match kind {
        Kind::TlsAlpn => {
            let given = challenges.and_then(|challenges| challenges.tls_alpn.as_ref());
            (given, ports.https, Spoken::Tls)
        }
        Kind::Http => {
            let given = challenges.and_then(|challenges| challenges.http.as_ref());
            (given, ports.http, Spoken::Http)
        }
        Kind::Dns => return None,
    };
    let port = given.map_or(0, |given| given.alternate_port);
    let port = if port == 0 { usual } else { port };
    if world.listening.load().contains(&port) {
        return None;
    }
    let host = challenges.map_or("", |challenges| challenges.bind_host.as_str());
    let listener = world.listeners.open(host, port, spoken, &world.challenges);
    if let Err(error) = &listener {
        warn!(
            target: "tls.issuance.acme", challenge = kind.called(), port, %error,
            "no server of the config listens on the challenge's port, and it cannot be listened on"
        );
    }
    listener.ok()
}
