//! One authorization of an order: the server is shown that the name is ours, and looks.

use instant_acme::{AuthorizationStatus, ChallengeType, Order, Problem};
use time::OffsetDateTime;
use tracing::info;

use super::advice;
use super::calls::{Failure, Tries, said};
use super::order::Ordering;
use super::proof::{Challenge, Kind, Proof};
use super::restraint::Restraint;
use crate::tls::issuer::{Cause, Refusal};

/// Why it is not known whether a name is ours.
enum Unproven {
    /// The server was not told to look.
    NotBegun(Failure),
    /// What it has seen is not known.
    Unknown(Failure),
}

/// An authorization as the server has it.
struct Seen {
    status: AuthorizationStatus,
    offered: Vec<ChallengeType>,
    /// The challenge that we want to answer, if it is offered.
    token: Option<String>,
    problem: Option<Problem>,
}

impl Ordering<'_> {
    /// Proves that the name is ours, if the server does not believe it yet.
    pub(super) async fn authorize(&self, order: &mut Order, kind: Kind) -> Result<(), Failure> {
        let mut tries = Tries::of("authorization");
        let seen = loop {
            match see(order, kind, Look::Once).await {
                Ok(seen) => break seen,
                Err(error) => tries.again(&error)?,
            }
        };
        match seen.status {
            AuthorizationStatus::Valid => return Ok(()),
            AuthorizationStatus::Pending => {}
            _ => return Err(self.denied(kind, &seen)),
        }
        let Some(token) = &seen.token else {
            return Err(self.not_offered(kind, &seen));
        };
        let restraint = Restraint {
            validations: &self.acme.world().validations,
            storage: self.acme.storage(),
            ca: self.ca,
            name: &self.wish.name,
        };
        let validation = restraint.begin().map_err(|wait| {
            let message = "three validations have failed within an hour, and the server may lock the name after more";
            let until = OffsetDateTime::now_utc() + wait;
            Refusal::new(Cause::TooOften(Some(until)), message).with_help(restraint.way_out())
        })?;
        match self.prove(order, kind, token).await {
            Ok(seen) if seen.status != AuthorizationStatus::Valid => Err(self.denied(kind, &seen)),
            Ok(_) => {
                restraint.passed(validation);
                Ok(())
            }
            Err(Unproven::NotBegun(failure)) => {
                // The server has not looked.
                restraint.passed(validation);
                Err(failure)
            }
            Err(Unproven::Unknown(failure)) => Err(failure),
        }
    }

    /// Shows the proof, has the server look at it, and takes it away.
    async fn prove(&self, order: &mut Order, kind: Kind, token: &str) -> Result<Seen, Unproven> {
        let challenge = Challenge {
            kind,
            name: &self.wish.name,
            token,
            account: self.account,
        };
        let proof = Proof::show(self.acme, &challenge).await;
        let proof = proof.map_err(|refusal| Unproven::NotBegun(refusal.into()))?;
        let seen = self.show(order, kind).await;
        proof.hide().await;
        seen
    }

    async fn show(&self, order: &mut Order, kind: Kind) -> Result<Seen, Unproven> {
        let (identifier, ca) = (&self.wish.name, &self.ca.directory);
        let challenge_type = kind.called();
        info!(target: "tls.issuance.acme", identifier, challenge_type, ca, "trying to solve challenge");
        let mut tries = Tries::of(kind.called());
        while let Err(error) = ready(order, kind).await {
            tries.again(&error).map_err(Unproven::NotBegun)?;
        }
        let url = order.state().authorizations.first();
        let url = url.map_or_else(String::new, |authorization| authorization.url.clone());
        let (mut looks, mut tries) = (self.looks(&url), Tries::of("authorization"));
        loop {
            looks.next().await.map_err(Unproven::Unknown)?;
            match see(order, kind, Look::Again).await {
                Ok(seen) if seen.status == AuthorizationStatus::Pending => {}
                Ok(seen) => return Ok(seen),
                Err(error) => tries.again(&error).map_err(Unproven::Unknown)?,
            }
        }
    }

    /// What the server found when it looked.
    fn denied(&self, kind: Kind, seen: &Seen) -> Failure {
        let (problem, words) = seen.problem.as_ref().map_or_else(
            || {
                let words = format!("the authorization is {:?}", seen.status);
                (None, words.to_lowercase())
            },
            said,
        );
        let refusal = Refusal::new(Cause::Validation, format!("{}: {words}", kind.called()));
        let help = advice::after(problem.as_deref(), kind, &self.wish.name);
        Failure {
            refusal: refusal.with_help(help),
            problem,
        }
    }

    fn not_offered(&self, kind: Kind, seen: &Seen) -> Failure {
        let offered: Vec<_> = seen.offered.iter().map(spelled).collect();
        let message = format!(
            "the server does not offer {} for `{}`, but {}",
            kind.called(),
            self.wish.name,
            offered.join(", ")
        );
        // As if it had failed: the other challenge may be offered.
        Refusal::new(Cause::Validation, message).into()
    }
}

/// How to look at an authorization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// What was seen before is good enough.
    Once,
    /// The server is asked.
    Again,
}

/// The authorization of an order, which has one, as it has one name.
async fn see(order: &mut Order, kind: Kind, look: Look) -> Result<Seen, instant_acme::Error> {
    let mut all = order.authorizations();
    let authorization = all.next().await;
    let mut authorization = authorization.ok_or(instant_acme::Error::Str("authorization"))??;
    if look == Look::Again {
        authorization.refresh().await?;
    }
    let wanted = kind.of_server();
    let of_kind = (authorization.challenges.iter()).find(|one| one.r#type == wanted);
    let mut problems = authorization.challenges.iter();
    Ok(Seen {
        status: authorization.status,
        offered: (authorization.challenges.iter())
            .map(|one| one.r#type.clone())
            .collect(),
        token: of_kind.map(|one| one.token.clone()),
        problem: problems.find_map(|one| one.error.clone()),
    })
}

/// Tells the server that it may look.
async fn ready(order: &mut Order, kind: Kind) -> Result<(), instant_acme::Error> {
    let mut all = order.authorizations();
    let authorization = all.next().await;
    let mut authorization = authorization.ok_or(instant_acme::Error::Str("authorization"))??;
    let challenge = authorization.challenge(kind.of_server());
    let mut challenge = challenge.ok_or(instant_acme::Error::Str("challenge"))?;
    challenge.set_ready().await
}

fn spelled(challenge: &ChallengeType) -> String {
    match challenge {
        ChallengeType::Http01 => "http-01".into(),
        ChallengeType::Dns01 => "dns-01".into(),
        ChallengeType::TlsAlpn01 => "tls-alpn-01".into(),
        ChallengeType::DeviceAttest01 => "device-attest-01".into(),
        ChallengeType::Unknown(name) => name.clone(),
        _ => "another one".into(),
    }
}
