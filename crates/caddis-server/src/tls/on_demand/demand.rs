//! What clients ask for in their handshakes, and who waits for what.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use caddis_ir::OnDemand;
use parking_lot::Mutex;
use rustls::sign::CertifiedKey;
use tokio::sync::{Semaphore, watch};
use tokio::task::AbortHandle;

use super::permission::Permission;
use super::work::{Ready, Work};
use crate::automatic_https::OnDemandNames;
use crate::tls::Certificate;
use crate::tls::issue::Fault;
use crate::tls::supply::{Asked, Supply, Supplying};

/// The most names that are worked on at a time,
const NAMES: usize = 256;
/// and the most clients that wait for them.
const CLIENTS: usize = 2048;

/// Gets certificates for the names of one config, as clients ask for them.
pub(crate) struct Demand {
    names: OnDemandNames,
    permission: Option<Arc<Permission>>,
    /// Who signs, and where certificates are kept; known once the config is served.
    ready: OnceLock<Ready>,
    /// A place for each client that waits.
    places: Semaphore,
    /// What is worked on, by name.
    working: Arc<Mutex<HashMap<String, Working>>>,
}

/// A name that is worked on; the work ends when this is dropped.
struct Working {
    outcome: watch::Receiver<Option<Outcome>>,
    task: AbortHandle,
}

pub(super) type Outcome = Result<Arc<Certificate>, Fault>;

impl Demand {
    /// For the names of a config, with whom it names to decide.
    pub(crate) fn new(names: OnDemandNames, on_demand: Option<&OnDemand>) -> Result<Self, Fault> {
        Ok(Self {
            names,
            permission: Permission::of(on_demand)?.map(Arc::new),
            ready: OnceLock::new(),
            places: Semaphore::new(CLIENTS),
            working: Arc::default(),
        })
    }

    pub(crate) fn names(&self) -> &OnDemandNames {
        &self.names
    }

    /// Works from now on.
    pub(in crate::tls) fn is_ready(&self, ready: Ready) {
        // It is made ready once.
        self.ready.set(ready).ok();
    }

    async fn get(&self, asked: &Asked) -> Result<Option<Arc<CertifiedKey>>, Fault> {
        let name = &asked.name;
        let Some(work) = self.work(name) else {
            return Ok(None);
        };
        if let Some(at_hand) = work.at_hand() {
            if work.is_due(&at_hand) {
                // Who asks has a certificate that is valid still, and does not wait.
                self.begin(work, Some(Arc::clone(&at_hand))).ok();
            }
            return Ok(Some(at_hand.key()));
        }
        if let Some(wait) = work.to_wait() {
            let wait = wait.as_secs();
            return Err(format!(
                "the certificate of `{name}` could not be got, the next try is in {wait} s"
            ));
        }
        let place = self.places.try_acquire();
        let _place = place.map_err(|_| format!("too many clients wait beside that of `{name}`"))?;
        let mut outcome = self.begin(work, None)?;
        let outcome = outcome.wait_for(Option::is_some).await;
        let outcome =
            outcome.map_err(|_| format!("nobody gets the certificate of `{name}` any more"))?;
        match outcome.as_ref() {
            Some(Ok(certificate)) => Ok(Some(certificate.key())),
            Some(Err(fault)) => Err(fault.clone()),
            None => Err(format!("there is no certificate for `{name}`")),
        }
    }

    fn work(&self, name: &str) -> Option<Work> {
        let at = self.names.position(name)?;
        let ready = self.ready.get()?;
        ready.work(at, name, self.permission.clone())
    }

    /// Has a name worked on, unless it is already.
    fn begin(
        &self,
        work: Work,
        at_hand: Option<Arc<Certificate>>,
    ) -> Result<watch::Receiver<Option<Outcome>>, Fault> {
        let mut working = self.working.lock();
        let name = work.name().to_owned();
        if let Some(one) = working.get(&name).filter(|one| !one.task.is_finished()) {
            return Ok(one.outcome.clone());
        }
        if working.len() >= NAMES {
            return Err(format!(
                "too many other names are asked for at the same time as `{name}`"
            ));
        }
        let (tell, outcome) = watch::channel(None);
        let (all, runtime) = (Arc::downgrade(&self.working), work.runtime().clone());
        let of_task = name.clone();
        let task = runtime.spawn(async move {
            let ended = work.run(at_hand).await;
            if let Some(all) = all.upgrade() {
                all.lock().remove(&of_task);
            }
            tell.send(Some(ended)).ok();
        });
        let one = Working {
            outcome: outcome.clone(),
            task: task.abort_handle(),
        };
        working.insert(name, one);
        Ok(outcome)
    }
}

impl Supply for Demand {
    fn supply<'a>(&'a self, asked: &'a Asked) -> Supplying<'a> {
        Box::pin(self.get(asked))
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for Demand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Demand")
    }
}
