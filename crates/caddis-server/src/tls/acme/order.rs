//! One order: from the wish for a certificate to the certificate.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls_acme::acme::{Account, Auth, AuthStatus, ChallengeType, Order, OrderStatus, Problem};
use time::OffsetDateTime;
use tracing::info;

use super::calls::{Failure, call, said};
use super::certificate_authority::CertificateAuthority;
use super::issuer::Acme;
use super::proof::{Proof, called};
use super::restraint::Restraint;
use super::{advice, proof};
use crate::tls::issue;
use crate::tls::issuer::{Cause, Refusal, Wish};

/// How long a server may take to validate a name, or to sign, if the config does not say.
const PATIENCE: Duration = Duration::from_mins(5);
/// The first time between two looks at how far the server is,
const FIRST_LOOK: Duration = Duration::from_millis(250);
/// and the last.
const LAST_LOOK: Duration = Duration::from_secs(5);

/// What it takes to order.
pub(super) struct Ordering<'a> {
    pub(super) acme: &'a Acme,
    pub(super) ca: &'a CertificateAuthority,
    pub(super) account: &'a Account,
    pub(super) client: &'a Arc<ClientConfig>,
    pub(super) wish: &'a Wish,
}

/// Why it is not known whether a name is ours.
enum Unproven {
    /// The server was not told to look.
    NotBegun(Failure),
    /// What it has seen is not known.
    Unknown(Failure),
}

/// A certificate that was signed.
pub(super) struct Signed {
    pub(super) chain: String,
    pub(super) key: String,
    /// Where the server has it.
    pub(super) url: String,
}

impl Ordering<'_> {
    /// Orders the certificate. A challenge that fails ends an order, so the next challenge has an order of its own.
    pub(super) async fn run(&self) -> Result<Signed, Failure> {
        let mut failed: Option<Failure> = None;
        let challenges = proof::challenges(self.acme.config(), rand::random());
        for challenge in &challenges {
            match self.with(challenge).await {
                Err(failure) if failure.refusal.cause == Cause::Validation => {
                    failed = Some(match failed {
                        Some(before) => joined(before, failure),
                        None => failure,
                    });
                }
                // A challenge has failed, and we do not want to try the other one yet.
                Err(failure) if is_restraint(&failure) && failed.is_some() => break,
                ended => return ended,
            }
        }
        Err(failed.unwrap_or_else(|| {
            let message = "all challenges are disabled";
            Refusal::new(Cause::Refused, message).into()
        }))
    }

    async fn with(&self, challenge: &ChallengeType) -> Result<Signed, Failure> {
        let name = &self.wish.name;
        let (account, client) = (self.account, self.client);
        let (url, order) = call("new order", || {
            account.new_order(client, vec![name.clone()])
        })
        .await?;
        for authorization in &order.authorizations {
            self.authorize(authorization, challenge).await?;
        }
        let order = self.settled(&url, order, &OrderStatus::Pending).await?;
        let key_type = self.wish.key_type.clone();
        let wanted = name.clone();
        let made = tokio::task::spawn_blocking(move || issue::request(&wanted, &key_type)).await;
        let made = made.map_err(|error| error.to_string()).flatten();
        let (request, key) = made.map_err(|fault| Refusal::new(Cause::Refused, fault))?;
        let order = match order.status {
            OrderStatus::Ready => {
                let finalize = order.finalize.clone();
                let signing = call("finalize", || account.finalize(client, &finalize, &request));
                self.settled(&url, signing.await?, &OrderStatus::Processing)
                    .await?
            }
            _ => order,
        };
        let OrderStatus::Valid { certificate: url } = order.status else {
            let message = format!("the order is {:?} after it was finalized", order.status);
            return Err(Refusal::new(Cause::Refused, message.to_lowercase()).into());
        };
        let chain = call("certificate", || account.certificate(client, &url)).await?;
        Ok(Signed { chain, key, url })
    }

    /// Proves that the name is ours, if the server does not believe it yet.
    async fn authorize(&self, url: &str, kind: &ChallengeType) -> Result<(), Failure> {
        let auth = self.look_at(url).await?;
        match auth.status {
            AuthStatus::Valid => return Ok(()),
            AuthStatus::Pending => {}
            _ => return Err(self.denied(kind, &auth)),
        }
        if !auth.challenges.iter().any(|offered| offered.typ == *kind) {
            return Err(self.not_offered(kind, &auth));
        }
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
        match self.prove(url, &auth, kind).await {
            Ok(auth) if !matches!(auth.status, AuthStatus::Valid) => Err(self.denied(kind, &auth)),
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

    /// Shows the proof, and has the server look at it.
    async fn prove(&self, url: &str, auth: &Auth, kind: &ChallengeType) -> Result<Auth, Unproven> {
        let (acme, name) = (self.acme, &self.wish.name);
        let what = (kind, auth.challenges.as_slice(), name.as_str());
        let (_proof, challenge) = Proof::show(
            acme.world(),
            acme.config(),
            acme.ports(),
            self.account,
            what,
        )
        .map_err(|refusal| Unproven::NotBegun(refusal.into()))?;
        let (ca, challenge_type) = (&self.ca.directory, called(kind));
        info!(target: "tls.issuance.acme", identifier = name, challenge_type, ca, "trying to solve challenge");
        call(called(kind), || {
            self.account.challenge(self.client, &challenge)
        })
        .await
        .map_err(Unproven::NotBegun)?;
        let pending = |auth: &Auth| matches!(auth.status, AuthStatus::Pending);
        let settled = self.until_not(pending, || self.look_at(url));
        settled.await.map_err(Unproven::Unknown)
    }

    async fn look_at(&self, authorization: &str) -> Result<Auth, Failure> {
        let (account, client) = (self.account, self.client);
        call("authorization", || account.auth(client, authorization)).await
    }

    /// The order when the server has gone on from a state, and from those before it.
    async fn settled(
        &self,
        url: &str,
        order: Order,
        passing: &OrderStatus,
    ) -> Result<Order, Failure> {
        let (account, client) = (self.account, self.client);
        let is_on_its_way = |order: &Order| match order.status {
            OrderStatus::Pending | OrderStatus::Processing => true,
            OrderStatus::Ready => *passing == OrderStatus::Processing,
            OrderStatus::Valid { .. } | OrderStatus::Invalid => false,
        };
        let order = if is_on_its_way(&order) {
            self.until_not(is_on_its_way, || {
                call("order", || account.order(client, url))
            })
            .await?
        } else {
            order
        };
        match &order.error {
            Some(problem) => Err(refused(problem)),
            None => Ok(order),
        }
    }

    /// Looks again and again, more and more slowly, until something is over.
    async fn until_not<T, F>(
        &self,
        is_under_way: impl Fn(&T) -> bool,
        look: impl Fn() -> F,
    ) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let looking = async {
            let mut next = FIRST_LOOK;
            loop {
                tokio::time::sleep(next).await;
                next = (next * 2).min(LAST_LOOK);
                let seen = look().await?;
                if !is_under_way(&seen) {
                    return Ok(seen);
                }
            }
        };
        let patience = self.acme.config().acme_timeout;
        // No time is as good as none given, as in Caddy.
        let patience = patience.filter(|patience| patience.0 > 0);
        let patience = patience.map_or(PATIENCE, caddis_ir::Duration::to_std);
        let ended = tokio::time::timeout(patience, looking).await;
        ended.unwrap_or_else(|_| {
            let message = format!("the server has not decided in {} s", patience.as_secs());
            Err(Refusal::new(Cause::Down, message).into())
        })
    }

    /// What the server found when it looked.
    fn denied(&self, kind: &ChallengeType, auth: &Auth) -> Failure {
        let name = &self.wish.name;
        let problem = (auth.challenges.iter()).find_map(|challenge| challenge.error.as_ref());
        let (problem, words) = problem.map_or_else(
            || {
                (
                    None,
                    format!("the authorization is {:?}", auth.status).to_lowercase(),
                )
            },
            said,
        );
        let refusal = Refusal::new(Cause::Validation, format!("{}: {words}", called(kind)));
        Failure {
            refusal: refusal.with_help(advice::after(problem.as_deref(), kind, name)),
            problem,
        }
    }

    fn not_offered(&self, kind: &ChallengeType, auth: &Auth) -> Failure {
        let offered: Vec<_> = (auth.challenges.iter())
            .map(|challenge| called(&challenge.typ))
            .collect();
        let message = format!(
            "the server does not offer {} for `{}`, but {}",
            called(kind),
            self.wish.name,
            offered.join(", ")
        );
        // As if it had failed: the other challenge may be offered.
        Refusal::new(Cause::Validation, message).into()
    }
}

fn refused(problem: &Problem) -> Failure {
    let (problem, words) = said(problem);
    Failure {
        problem,
        refusal: Refusal::new(Cause::Refused, format!("order: {words}")),
    }
}

fn is_restraint(failure: &Failure) -> bool {
    matches!(failure.refusal.cause, Cause::TooOften(_))
}

/// Both challenges have failed: what is said of each, and what to look at for each.
fn joined(first: Failure, second: Failure) -> Failure {
    let help = [first.refusal.help, second.refusal.help];
    let mut help: Vec<_> = help.into_iter().flatten().collect();
    help.dedup();
    Failure {
        problem: second.problem,
        refusal: Refusal {
            cause: second.refusal.cause,
            message: format!("{}; {}", first.refusal.message, second.refusal.message),
            help: (!help.is_empty()).then(|| help.join("; ")),
        },
    }
}
