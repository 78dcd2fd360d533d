//! The certificates of all names that the config wants some for: who works on which, and which are served.
//!
//! Lives as long as the process. A config that is loaded changes what is worked on; a name that stays, with the
//! same issuers, keeps its certificate, the order that is under way, and the time of its next try.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use arc_swap::ArcSwap;
use caddis_ir::{Config, Issuer};
use parking_lot::Mutex;
use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;
use tokio::time::Duration;

use super::issue::Fault;
use super::issuer::{Issue, Wish};
use super::issuers::Issuers;
use super::job::Job;
use super::ocsp::{self, Staples, Stapling};
use super::on_demand::{Demand, Memory, Ready};
use super::terms::Terms;
use super::upkeep::{Looking, Upkeep};
use super::{Certificate, Certificates, Challenges, Storage, acme, files, kept};

/// How many certificates are got side by side.
const SIDE_BY_SIDE: usize = 8;

/// A name that gets a certificate.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Subject {
    /// A host name, a wildcard, or an address.
    pub(crate) name: String,
    /// Who signs; asked in order.
    pub(crate) issuers: Vec<Issuer>,
    /// Why other issuers of the config are not asked.
    pub(crate) left_out: Vec<String>,
    /// The type of its key.
    pub(crate) key_type: String,
    /// The next certificate has the same key.
    pub(crate) reuse_key: bool,
    /// The part of its lifetime, at its end, in which it is renewed; the usual one if `None`.
    pub(crate) renewal_window: Option<f64>,
    /// It is worth nothing without an OCSP answer.
    pub(crate) must_staple: bool,
    /// Whether and from whom it has OCSP answers.
    pub(crate) stapling: Stapling,
}

/// Keeps the certificates of all names. When it is dropped, nobody works on them any more.
pub(crate) struct Keeper {
    shared: Arc<Shared>,
    acme: Arc<acme::World>,
    /// What was got on demand.
    memory: Arc<Memory>,
    /// Looks after the storage.
    looking: Mutex<Option<Looking>>,
}

/// What jobs share.
pub(super) struct Shared {
    /// A place for each certificate that is being got.
    pub(super) orders: Semaphore,
    pub(super) clock: Clock,
    /// The OCSP answers of all certificates.
    pub(super) staples: Arc<Staples>,
    served: Mutex<Served>,
}

#[derive(Default)]
struct Served {
    certificates: Arc<ArcSwap<Certificates>>,
    /// By their keys.
    jobs: HashMap<String, Running>,
}

/// A job, which ends when this is dropped.
struct Running {
    name: String,
    task: AbortHandle,
    certificate: Option<Arc<Certificate>>,
}

/// What a config will be served with.
pub(crate) struct Prepared {
    certificates: Arc<ArcSwap<Certificates>>,
    wanted: Vec<(Wanted, Option<Arc<Certificate>>)>,
    storage: Storage,
    listening: BTreeSet<u16>,
    upkeep: Option<Upkeep>,
    /// The time between two looks at OCSP answers.
    look_every: Duration,
}

/// A name that is to be worked on.
#[derive(Clone)]
pub(super) struct Wanted {
    /// The same for the same name with the same issuers.
    pub(super) key: String,
    pub(super) wish: Wish,
    pub(super) terms: Terms,
    pub(super) stapling: Arc<Stapling>,
    pub(super) issuers: Vec<Arc<dyn Issue>>,
}

impl Keeper {
    /// Keeps nothing yet.
    pub(crate) fn new() -> Self {
        Self::with_clock(Clock::System)
    }

    pub(super) fn with_clock(clock: Clock) -> Self {
        let shared = Shared {
            orders: Semaphore::new(SIDE_BY_SIDE),
            clock,
            staples: Arc::new(Staples::new(clock)),
            served: Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
            acme: Arc::default(),
            memory: Arc::default(),
            looking: Mutex::default(),
        }
    }

    /// What is being proven to ACME servers.
    pub(crate) fn challenges(&self) -> Arc<Challenges> {
        Arc::clone(&self.acme.challenges)
    }

    /// Gets ready for a config. `certificates` are those that are loaded, and have the others too afterwards.
    pub(crate) fn prepare(
        &self,
        config: &Config,
        storage: Storage,
        (subjects, demand): (Vec<Subject>, Option<&Demand>),
        certificates: Arc<ArcSwap<Certificates>>,
    ) -> Result<Prepared, Fault> {
        let tls = config.apps.tls.as_ref();
        if !tls.is_some_and(|tls| tls.disable_ocsp_stapling) {
            let stapling = Arc::default();
            for loaded in certificates.load().all() {
                self.shared.staples.look_after(loaded, &stapling, &storage);
            }
        }
        let mut issuers = Issuers::new(config, &storage, &self.acme);
        let wanted = subjects.into_iter().map(|subject| issuers.wanted(subject));
        let wanted = wanted.collect::<Result<_, _>>()?;
        if let Some(demand) = demand {
            let each = demand.names().each();
            let each = each.map(|subject| subject.map(|of| issuers.wanted(of.clone())).transpose());
            demand.is_ready(Ready {
                wanted: each.collect::<Result<_, _>>()?,
                storage: storage.clone(),
                shared: Arc::clone(&self.shared),
                memory: Arc::clone(&self.memory),
                runtime: tokio::runtime::Handle::current(),
            });
        }
        let listening = acme::listening(&config.apps);
        let mut prepared = self.get_ready(wanted, storage, certificates, listening)?;
        // Who keeps nothing need not have a folder that can be written.
        let keeps = !prepared.wanted.is_empty() || demand.is_some();
        prepared.upkeep = keeps.then(|| Upkeep::of(tls));
        prepared.look_every = ocsp::interval(tls);
        Ok(prepared)
    }

    /// The same, for issuers that are ready to be asked.
    pub(super) fn get_ready(
        &self,
        wanted: Vec<Wanted>,
        storage: Storage,
        certificates: Arc<ArcSwap<Certificates>>,
        listening: BTreeSet<u16>,
    ) -> Result<Prepared, Fault> {
        let mut set = Certificates::clone(&certificates.load());
        let mut with_certificates = Vec::with_capacity(wanted.len());
        for one in wanted {
            let at_hand = self.at_hand(&one, &storage)?;
            // A name whose issuer was changed is served with what there is until there is another one.
            let served = at_hand
                .clone()
                .or_else(|| self.shared.of_name(&one.wish.name));
            if let Some(certificate) = served {
                let staples = &self.shared.staples;
                staples.look_after(&certificate, &one.stapling, &storage);
                set = set.with(certificate);
            }
            with_certificates.push((one, at_hand));
        }
        certificates.store(Arc::new(set));
        Ok(Prepared {
            certificates,
            wanted: with_certificates,
            storage,
            listening,
            upkeep: None,
            look_every: ocsp::interval(None),
        })
    }

    /// The certificate that is served already, is kept, or can be made at once.
    fn at_hand(&self, one: &Wanted, storage: &Storage) -> Result<Option<Arc<Certificate>>, Fault> {
        if let Some(certificate) = self.shared.of_key(&one.key) {
            return Ok(Some(certificate));
        }
        let now = self.shared.clock.now();
        let mut stale = None;
        for (at, issuer) in one.issuers.iter().enumerate() {
            let kept = kept::read(storage, issuer.folder(), &one.wish.name);
            match kept.filter(|kept| issuer.stands_by(kept)) {
                Some(kept) if one.terms.is_fresh(kept.validity(), now) => {
                    return Ok(Some(Arc::new(kept)));
                }
                kept => stale = stale.or(kept),
            }
            if at == 0
                && let Some(issued) = issuer.issue_at_once(&with_key(one, storage, issuer.as_ref()))
            {
                let issued = issued.map_err(|refusal| refusal.message)?;
                kept::write(storage, issuer.folder(), &one.wish.name, &issued)?;
                let made = files::from_pem(&issued.chain, &issued.key);
                return Ok(Some(Arc::new(made.map_err(|error| error.message)?)));
            }
        }
        Ok(stale.map(Arc::new))
    }

    /// Leaves the ports that the servers of a config listen on, and says which ports servers had before. Then it is
    /// adopted, or what it was before stays.
    pub(crate) async fn make_way(&self, prepared: &Prepared) -> Arc<BTreeSet<u16>> {
        self.acme.make_way(&prepared.listening).await
    }

    /// Nothing is adopted: servers have these ports.
    pub(crate) fn stay(&self, listening: Arc<BTreeSet<u16>>) {
        self.acme.listening.store(listening);
    }

    /// Works for a config from now on.
    pub(crate) fn adopt(&self, prepared: Prepared) {
        self.acme.listening.store(Arc::new(prepared.listening));
        self.shared.staples.look_every(prepared.look_every);
        let upkeep = prepared.upkeep;
        *self.looking.lock() = upkeep.map(|upkeep| upkeep.begin(prepared.storage.clone()));
        let mut served = self.shared.served.lock();
        let mut before = std::mem::take(&mut served.jobs);
        served.certificates = prepared.certificates;
        for (one, at_hand) in prepared.wanted {
            if let Some(running) = before.remove(&one.key) {
                // It may have got another certificate meanwhile.
                if let Some(certificate) = &running.certificate {
                    served.show(certificate);
                }
                served.jobs.insert(one.key, running);
                continue;
            }
            let running = self.start(&one, at_hand, &prepared.storage);
            served.jobs.insert(one.key, running);
        }
    }

    fn start(&self, one: &Wanted, at_hand: Option<Arc<Certificate>>, storage: &Storage) -> Running {
        let job = Job {
            key: one.key.clone(),
            wish: one.wish.clone(),
            terms: one.terms,
            stapling: Arc::clone(&one.stapling),
            issuers: one.issuers.clone(),
            storage: storage.clone(),
            shared: Arc::clone(&self.shared),
            at_hand: at_hand.clone(),
        };
        Running {
            name: one.wish.name.clone(),
            task: tokio::spawn(job.run()).abort_handle(),
            certificate: at_hand,
        }
    }
}

/// The wish, with the key of the certificate that is kept if the next one is to have it.
fn with_key(one: &Wanted, storage: &Storage, issuer: &dyn Issue) -> Wish {
    let mut wish = one.wish.clone();
    if one.terms.reuse_key {
        wish.key = kept::key(storage, issuer.folder(), &wish.name);
    }
    wish
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Jobs hold what they share, and the jobs stand in it.
        self.shared.served.lock().jobs.clear();
        self.shared.staples.end();
    }
}

impl Shared {
    /// Serves a certificate that a job has got, if the config still wants it.
    pub(super) fn publish(&self, key: &str, certificate: &Arc<Certificate>) {
        let mut served = self.served.lock();
        if let Some(running) = served.jobs.get_mut(key) {
            running.certificate = Some(Arc::clone(certificate));
            served.show(certificate);
        }
    }

    fn of_key(&self, key: &str) -> Option<Arc<Certificate>> {
        self.served.lock().jobs.get(key)?.certificate.clone()
    }

    fn of_name(&self, name: &str) -> Option<Arc<Certificate>> {
        let served = self.served.lock();
        let mut of_name = served.jobs.values().filter(|running| running.name == name);
        of_name.find_map(|running| running.certificate.clone())
    }
}

impl Served {
    fn show(&self, certificate: &Arc<Certificate>) {
        self.certificates.rcu(|set| {
            let set = Certificates::clone(set);
            set.with_renewed(Arc::clone(certificate))
        });
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Tells the time by which certificates are valid.
#[derive(Clone, Copy, Debug)]
pub(super) enum Clock {
    System,
    /// Goes with the clock of the runtime, which tests move.
    #[cfg(test)]
    Virtual {
        begun: tokio::time::Instant,
        at: OffsetDateTime,
    },
}

impl Clock {
    pub(super) fn now(self) -> OffsetDateTime {
        match self {
            Self::System => OffsetDateTime::now_utc(),
            #[cfg(test)]
            Self::Virtual { begun, at } => at + begun.elapsed(),
        }
    }
}
