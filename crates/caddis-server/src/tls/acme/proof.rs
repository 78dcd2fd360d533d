//! The proof that a name is ours: shown as long as a challenge is under way.

use std::sync::Arc;

use caddis_ir::AcmeIssuer;
use rustls_acme::acme::{Account, Challenge, ChallengeType};
use tracing::warn;

use super::listener::{Listener, Spoken};
use super::world::{Ports, World};
use crate::tls::issuer::{Cause, Refusal};

/// Shown until it is dropped.
pub(super) struct Proof<'a> {
    world: &'a World,
    token: String,
    name: &'a str,
    _listener: Option<Arc<Listener>>,
}

/// The challenges that an issuer of the config takes, in the order of trying them, which is left to chance as in
/// Caddy: where one of them does not work, half of the names do not have to find that out.
pub(super) fn challenges(config: &AcmeIssuer, chance: bool) -> Vec<ChallengeType> {
    let challenges = config.challenges.as_ref();
    let off = |of: Option<&caddis_ir::Challenge>| of.is_some_and(|one| one.disabled);
    let mut taken = Vec::new();
    if !off(challenges.and_then(|challenges| challenges.tls_alpn.as_ref())) {
        taken.push(ChallengeType::TlsAlpn01);
    }
    if !off(challenges.and_then(|challenges| challenges.http.as_ref())) {
        taken.push(ChallengeType::Http01);
    }
    if chance {
        taken.reverse();
    }
    taken
}

/// What a challenge is called.
pub(super) fn called(challenge: &ChallengeType) -> &'static str {
    match challenge {
        ChallengeType::Http01 => "http-01",
        ChallengeType::Dns01 => "dns-01",
        ChallengeType::TlsAlpn01 => "tls-alpn-01",
        ChallengeType::Unknown => "another one",
    }
}

impl<'a> Proof<'a> {
    /// Answers one of the challenges from now on, and says where the server is told that it may look.
    pub(super) fn show(
        world: &'a World,
        config: &AcmeIssuer,
        ports: Ports,
        account: &Account,
        (kind, offered, name): (&ChallengeType, &[Challenge], &'a str),
    ) -> Result<(Self, String), Refusal> {
        let fault = |error: rustls_acme::acme::AcmeError| {
            Refusal::new(Cause::Refused, format!("{}: {error}", called(kind)))
        };
        let challenge = if *kind == ChallengeType::TlsAlpn01 {
            let (challenge, certificate) =
                (account.tls_alpn_01(offered, name.to_owned())).map_err(fault)?;
            (world.challenges).answer_in_handshakes(name, &Arc::new(certificate));
            challenge
        } else {
            let (challenge, text) = account.http_01(offered).map_err(fault)?;
            (world.challenges).answer_over_http(&challenge.token, name, &text);
            challenge
        };
        let proof = Self {
            world,
            token: challenge.token.clone(),
            name,
            _listener: listener(world, config, ports, kind),
        };
        Ok((proof, challenge.url.clone()))
    }
}

impl Drop for Proof<'_> {
    fn drop(&mut self) {
        self.world.challenges.forget(&self.token, self.name);
    }
}

/// A listener of our own, if no server of the config listens where the ACME server looks.
fn listener(
    world: &World,
    config: &AcmeIssuer,
    ports: Ports,
    kind: &ChallengeType,
) -> Option<Arc<Listener>> {
    let challenges = config.challenges.as_ref();
    let (given, usual, spoken) = if *kind == ChallengeType::TlsAlpn01 {
        let given = challenges.and_then(|challenges| challenges.tls_alpn.as_ref());
        (given, ports.https, Spoken::Tls)
    } else {
        let given = challenges.and_then(|challenges| challenges.http.as_ref());
        (given, ports.http, Spoken::Http)
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
            target: "tls.issuance.acme", challenge = called(kind), port, %error,
            "no server of the config listens on the challenge's port, and it cannot be listened on"
        );
    }
    listener.ok()
}
