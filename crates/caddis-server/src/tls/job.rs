//! One name with a certificate: gets it, keeps it, and renews it in time, for as long as the config wants it.

use std::sync::Arc;

use time::OffsetDateTime;
use tokio::time::{Duration, Instant};
use tracing::{error, warn};

use super::issue::Validity;
use super::issuer::{Issue, Refusal, Wish};
use super::keeper::Shared;
use super::obtain::{Obtaining, time_of};
use super::ocsp::Stapling;
use super::terms::Terms;
use super::{Certificate, Storage, backoff};

/// How much of the lifetime of a new certificate that is old already passes before the next one is asked for.
const AGAIN: f64 = 0.1;
/// The longest time without a look at the clock, which may be set.
const LOOK: Duration = Duration::from_mins(10);

/// The work on the certificate of one name.
pub(super) struct Job {
    /// What it is known by.
    pub(super) key: String,
    pub(super) wish: Wish,
    pub(super) terms: Terms,
    pub(super) stapling: Arc<Stapling>,
    /// Asked in order.
    pub(super) issuers: Vec<Arc<dyn Issue>>,
    pub(super) storage: Storage,
    pub(super) shared: Arc<Shared>,
    /// The certificate at hand, if there is one.
    pub(super) at_hand: Option<Arc<Certificate>>,
}

/// How it went with one issuer.
#[derive(Clone, Default)]
struct Asked {
    refusals: u32,
    again_at: Option<Instant>,
}

impl Job {
    /// Works until it is dropped.
    pub(super) async fn run(mut self) {
        loop {
            if let Some(at_hand) = &self.at_hand {
                let due = self.terms.due(at_hand.validity(), rand::random());
                tokio::select! {
                    () = self.wait_until(due) => {}
                    () = at_hand.revocation.is_heard() => {}
                }
            }
            let certificate = Arc::new(self.obtain().await);
            self.at_hand = Some(Arc::clone(&certificate));
            let staples = &self.shared.staples;
            staples.look_after(&certificate, &self.stapling, &self.storage);
            self.shared.publish(&self.key, &certificate);
            self.doubt(certificate.validity()).await;
        }
    }

    /// Waits if a new certificate is old by our clock: the next one would be as old, and there would be no end of
    /// asking.
    async fn doubt(&self, validity: Validity) {
        if self.terms.is_fresh(validity, self.shared.clock.now()) {
            return;
        }
        let lifetime = validity.not_after - validity.not_before;
        let wait = Duration::try_from(lifetime * AGAIN).unwrap_or(LOOK);
        warn!(
            target: "tls.renew", identifier = self.wish.name, until = time_of(validity.not_after),
            retrying_in = wait.as_secs(),
            "a new certificate is old already by the clock of this machine: is the clock right?"
        );
        tokio::time::sleep(wait).await;
    }

    /// Waits by the clock on the wall, which may be set while we wait.
    async fn wait_until(&self, due: OffsetDateTime) {
        loop {
            let left = Duration::try_from(due - self.shared.clock.now()).unwrap_or_default();
            if left.is_zero() {
                return;
            }
            tokio::time::sleep(left.min(LOOK)).await;
        }
    }

    /// Asks the issuers until one gives a certificate.
    async fn obtain(&self) -> Certificate {
        let mut asked = vec![Asked::default(); self.issuers.len()];
        loop {
            for (issuer, asked) in self.issuers.iter().zip(&mut asked) {
                if asked.again_at.is_some_and(|at| at > Instant::now()) {
                    continue;
                }
                match self.ask(issuer.as_ref(), asked.refusals).await {
                    Ok(certificate) => return certificate,
                    Err(refusal) => self.cope(issuer.folder(), asked, &refusal),
                }
            }
            let next = asked.iter().filter_map(|asked| asked.again_at).min();
            tokio::time::sleep_until(next.unwrap_or_else(|| Instant::now() + LOOK)).await;
        }
    }

    async fn ask(&self, issuer: &dyn Issue, failures: u32) -> Result<Certificate, Refusal> {
        let obtaining = Obtaining {
            wish: &Wish {
                failures,
                ..self.wish.clone()
            },
            terms: self.terms,
            storage: &self.storage,
            shared: &self.shared,
            at_hand: self.at_hand.as_deref(),
        };
        obtaining.from(issuer).await
    }

    /// Notes when the issuer is asked again, and says so in one line.
    fn cope(&self, issuer: &str, asked: &mut Asked, refusal: &Refusal) {
        asked.refusals = asked.refusals.saturating_add(1);
        let now = self.shared.clock.now();
        let wait = backoff::wait(refusal.cause, asked.refusals, now, rand::random());
        asked.again_at = Some(Instant::now() + wait);
        let (identifier, attempt) = (&self.wish.name, asked.refusals);
        let (retrying_in, next) = (wait.as_secs(), time_of(now + wait));
        let (error, check) = (&refusal.message, refusal.help.as_deref());
        if self.at_hand.is_some() {
            error!(
                target: "tls.renew", identifier, issuer, error, check, attempt, retrying_in, next,
                "could not renew certificate, the old one is served"
            );
        } else {
            error!(
                target: "tls.obtain", identifier, issuer, error, check, attempt, retrying_in, next,
                "could not get certificate"
            );
        }
    }
}
