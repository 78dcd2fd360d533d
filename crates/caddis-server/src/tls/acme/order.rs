//! One order: from the wish for a certificate to the certificate.

use std::net::IpAddr;
use std::time::Duration;

use instant_acme::{Identifier, NewOrder, Order, OrderStatus, Problem};
use tokio::time::Instant;
use tracing::debug;

use super::accounts::Account;
use super::calls::{Failure, Tries, said};
use super::certificate_authority::CertificateAuthority;
use super::chains;
use super::client::Client;
use super::issuer::Acme;
use super::profile;
use super::proof::{self, Kind};
use crate::tls::issue;
use crate::tls::issuer::{Cause, Refusal, Wish};

/// How long a server may take to validate a name, or to sign, if the config does not say.
const PATIENCE: Duration = Duration::from_mins(5);
/// The first time between two looks at how far the server is,
const FIRST_LOOK: Duration = Duration::from_millis(250);
/// and the last, if the server does not say.
const LAST_LOOK: Duration = Duration::from_secs(5);
/// The longest time between two looks that a server may ask for.
const LONGEST_LOOK: Duration = Duration::from_mins(1);

/// What it takes to order.
pub(super) struct Ordering<'a> {
    pub(super) acme: &'a Acme,
    pub(super) ca: &'a CertificateAuthority,
    pub(super) account: &'a Account,
    pub(super) client: &'a Client,
    pub(super) wish: &'a Wish,
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
        let challenges = proof::challenges(self.acme.config(), &self.wish.name, rand::random());
        for challenge in challenges {
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

    async fn with(&self, challenge: Kind) -> Result<Signed, Failure> {
        let identifiers = [identifier(&self.wish.name)];
        let mut wanted = NewOrder::new(&identifiers);
        let profile = &self.acme.config().profile;
        profile::check(self.account, profile)?;
        if !profile.is_empty() {
            wanted = wanted.profile(profile);
        }
        let mut tries = Tries::of("new order");
        let mut order = loop {
            match self.account.speaker.new_order(&wanted).await {
                Ok(order) => break order,
                Err(error) => tries.again(&error)?,
            }
        };
        self.authorize(&mut order, challenge).await?;
        self.settled(&mut order, OrderStatus::Pending).await?;
        let (request, key) = self.request().await?;
        if order.state().status == OrderStatus::Ready {
            let mut tries = Tries::of("finalize");
            while let Err(error) = order.finalize_csr(&request).await {
                tries.again(&error)?;
            }
            self.settled(&mut order, OrderStatus::Processing).await?;
        }
        let state = order.state();
        let (status, url) = (state.status, state.certificate.clone());
        let Some(url) = url.filter(|_| status == OrderStatus::Valid) else {
            let message = format!("the order is {status:?} after it was finalized");
            return Err(Refusal::new(Cause::Refused, message.to_lowercase()).into());
        };
        let chain = self.certificate(&mut order, &url).await?;
        Ok(Signed { chain, key, url })
    }

    /// The request for the certificate, and the key that it is for.
    async fn request(&self) -> Result<(Vec<u8>, String), Refusal> {
        let wish = self.wish.clone();
        let made = tokio::task::spawn_blocking(move || {
            issue::request((&wish.name, wish.must_staple), &wish.key_type, wish.key)
        });
        let made = made.await.map_err(|error| error.to_string()).flatten();
        made.map_err(|fault| Refusal::new(Cause::Refused, fault))
    }

    async fn certificate(&self, order: &mut Order, url: &str) -> Result<String, Failure> {
        let mut tries = Tries::of("certificate");
        let chain = loop {
            match order.certificate().await {
                Ok(chain) => break chain,
                Err(error) => tries.again(&error)?,
            }
        };
        let chain =
            chain.ok_or_else(|| Refusal::new(Cause::Down, "there is no certificate yet"))?;
        let Some(preferred) = &self.acme.config().preferred_chains else {
            return Ok(chain);
        };
        let mut chains = vec![chain];
        for other in self.client.heard(url).alternates {
            // The layer below has no words for other chains: it asks as for an order, and the answer is taken down.
            self.client.listen(&other);
            let _no_order = self.account.speaker.order(other.clone()).await;
            let chain = self.client.heard(&other).body;
            match chain.map(|chain| String::from_utf8(chain.to_vec())) {
                Some(Ok(chain)) => chains.push(chain),
                Some(Err(_)) | None => {
                    debug!(target: "tls.issuance.acme", url = other, "a chain cannot be had");
                }
            }
        }
        let chain = chains::preferred(chains, preferred);
        Ok(chain.ok_or_else(|| Refusal::new(Cause::Refused, "there is no chain"))?)
    }

    /// Waits until the server has gone on from a state, and from those before it.
    async fn settled(&self, order: &mut Order, passing: OrderStatus) -> Result<(), Failure> {
        let is_on_its_way = |status| match status {
            OrderStatus::Pending | OrderStatus::Processing => true,
            OrderStatus::Ready => passing == OrderStatus::Processing,
            OrderStatus::Valid | OrderStatus::Invalid => false,
        };
        let (mut looks, mut tries) = (self.looks(order.url()), Tries::of("order"));
        while is_on_its_way(order.state().status) {
            looks.next().await?;
            if let Err(error) = order.refresh().await {
                tries.again(&error)?;
            }
        }
        match &order.state().error {
            Some(problem) => Err(refused(problem)),
            None => Ok(()),
        }
    }

    /// Looks at a URL, again and again.
    pub(super) fn looks(&self, url: &str) -> Looks<'_> {
        let patience = self.acme.config().acme_timeout;
        // No time is as good as none given, as in Caddy.
        let patience = patience.filter(|patience| patience.0 > 0);
        Looks {
            client: self.client,
            url: url.to_owned(),
            begun: Instant::now(),
            patience: patience.map_or(PATIENCE, caddis_ir::Duration::to_std),
            next: FIRST_LOOK,
        }
    }
}

/// Looks that are made more and more slowly, or as the server says.
pub(super) struct Looks<'a> {
    client: &'a Client,
    url: String,
    begun: Instant,
    patience: Duration,
    next: Duration,
}

impl Looks<'_> {
    /// Waits for the time of the next look, if there is to be one.
    pub(super) async fn next(&mut self) -> Result<(), Failure> {
        let asked = self.client.heard(&self.url).wait;
        let asked = asked.map(|wait| wait.clamp(FIRST_LOOK, LONGEST_LOOK));
        let wait = asked.unwrap_or(self.next);
        self.next = (self.next * 2).min(LAST_LOOK);
        let end = self.begun + self.patience;
        if end.checked_duration_since(Instant::now()).is_none() {
            let message = format!(
                "the server has not decided in {} s",
                self.patience.as_secs()
            );
            return Err(Refusal::new(Cause::Down, message).into());
        }
        tokio::time::sleep_until(end.min(Instant::now() + wait)).await;
        Ok(())
    }
}

fn identifier(name: &str) -> Identifier {
    match name.parse::<IpAddr>() {
        Ok(address) => Identifier::Ip(address),
        Err(_) => Identifier::Dns(name.to_owned()),
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
