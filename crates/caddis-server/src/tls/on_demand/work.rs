//! The work on one name that a client has asked for: permission, storage, and the issuers in turn.

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::Instant;
use tracing::{error, info};

use super::demand::Outcome;
use super::memory::Memory;
use super::permission::Permission;
use crate::tls::issue::Fault;
use crate::tls::issuer::{Issue, Refusal, Wish};
use crate::tls::keeper::{Shared, Wanted};
use crate::tls::obtain::Obtaining;
use crate::tls::{Certificate, Storage, backoff, kept};

/// What it takes to work for a config.
pub(in crate::tls) struct Ready {
    /// In the order of the policies: what is wanted of names, whose name is empty.
    pub(in crate::tls) wanted: Vec<Option<Wanted>>,
    pub(in crate::tls) storage: Storage,
    pub(in crate::tls) shared: Arc<Shared>,
    pub(in crate::tls) memory: Arc<Memory>,
    /// Where the work is done: not where clients are served.
    pub(in crate::tls) runtime: Handle,
}

/// The work on one name.
pub(super) struct Work {
    wanted: Wanted,
    permission: Option<Arc<Permission>>,
    storage: Storage,
    shared: Arc<Shared>,
    memory: Arc<Memory>,
    runtime: Handle,
}

impl Ready {
    /// The work on a name, by the policy at a position.
    pub(super) fn work(
        &self,
        at: usize,
        name: &str,
        permission: Option<Arc<Permission>>,
    ) -> Option<Work> {
        let wanted = self.wanted.get(at)?.as_ref()?;
        Some(Work {
            wanted: Wanted {
                wish: Wish {
                    name: name.to_owned(),
                    ..wanted.wish.clone()
                },
                ..wanted.clone()
            },
            permission,
            storage: self.storage.clone(),
            shared: Arc::clone(&self.shared),
            memory: Arc::clone(&self.memory),
            runtime: self.runtime.clone(),
        })
    }
}

impl Work {
    pub(super) fn name(&self) -> &str {
        &self.wanted.wish.name
    }

    pub(super) fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// The certificate that is held and valid.
    pub(super) fn at_hand(&self) -> Option<Arc<Certificate>> {
        let now = self.shared.clock.now();
        self.memory.get(self.name(), &self.wanted.key, now)
    }

    /// True if a certificate is to be renewed, and was not tried a moment ago.
    pub(super) fn is_due(&self, certificate: &Certificate) -> bool {
        let now = self.shared.clock.now();
        let is_fresh = self.wanted.terms.is_fresh(certificate.validity(), now);
        (!is_fresh || certificate.revocation.is_noted()) && self.to_wait().is_none()
    }

    /// How long to wait until the name is tried again.
    pub(super) fn to_wait(&self) -> Option<Duration> {
        let again_at = self.memory.again_at(self.name(), &self.wanted.key)?;
        Some(again_at.duration_since(Instant::now()))
    }

    /// Gets a certificate, in place of the one at hand if there is one.
    pub(super) async fn run(self, at_hand: Option<Arc<Certificate>>) -> Outcome {
        let (name, key) = (self.name(), &self.wanted.key);
        if let Some(permission) = &self.permission
            && let Err(fault) = permission.ask(name).await
        {
            // Who may not have it any more does not keep it.
            self.memory.forget(name);
            return Err(fault);
        }
        if at_hand.is_none()
            && let Some(kept) = self.kept().await
        {
            let kept = Arc::new(kept);
            self.take(&kept);
            return Ok(kept);
        }
        let failures = self.memory.failures(name, key);
        let obtaining = Obtaining {
            wish: &Wish {
                failures,
                ..self.wanted.wish.clone()
            },
            terms: self.wanted.terms,
            storage: &self.storage,
            shared: &self.shared,
            at_hand: at_hand.as_deref(),
        };
        info!(target: "tls.on_demand", identifier = name, "obtaining new certificate");
        let mut refused: Option<Refusal> = None;
        for issuer in &self.wanted.issuers {
            match obtaining.from(issuer.as_ref()).await {
                Ok(certificate) => {
                    let certificate = Arc::new(certificate);
                    self.take(&certificate);
                    return Ok(certificate);
                }
                Err(refusal) => self.tell(issuer.as_ref(), refused.insert(refusal)),
            }
        }
        Err(self.cope(failures, refused))
    }

    /// Holds a certificate, and looks after its OCSP answers.
    fn take(&self, certificate: &Arc<Certificate>) {
        (self.memory).put(self.name(), &self.wanted.key, certificate);
        let staples = &self.shared.staples;
        staples.look_after(certificate, &self.wanted.stapling, &self.storage);
    }

    /// The certificate in the storage, if it is valid.
    async fn kept(&self) -> Option<Certificate> {
        let (storage, name) = (self.storage.clone(), self.name().to_owned());
        let (issuers, now) = (self.wanted.issuers.clone(), self.shared.clock.now());
        let read = tokio::task::spawn_blocking(move || {
            issuers.iter().find_map(|issuer| {
                let kept = kept::read(&storage, issuer.folder(), &name)?;
                (issuer.stands_by(&kept) && now < kept.not_after).then_some(kept)
            })
        });
        read.await.ok().flatten()
    }

    fn tell(&self, issuer: &dyn Issue, refusal: &Refusal) {
        let (identifier, issuer) = (self.name(), issuer.folder());
        let (error, check) = (&refusal.message, refusal.help.as_deref());
        error!(target: "tls.on_demand", identifier, issuer, error, check, "could not get certificate");
    }

    /// Notes when the name is tried again: clients may come as often as they like.
    fn cope(&self, failures: u32, refused: Option<Refusal>) -> Fault {
        let name = self.name();
        let Some(refusal) = refused else {
            return format!("nobody signs for `{name}`");
        };
        let failures = failures.saturating_add(1);
        let now = self.shared.clock.now();
        let wait = backoff::wait(refusal.cause, failures, now, rand::random());
        let again_at = Instant::now() + wait;
        (self.memory).failed(name, &self.wanted.key, failures, again_at);
        refusal.message
    }
}
