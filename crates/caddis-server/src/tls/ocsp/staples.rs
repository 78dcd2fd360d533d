//! The OCSP answers of all certificates that are served: asked for, sent along, kept, and replaced in time.
//!
//! Lives as long as the process. No handshake and no load waits for a responder.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use caddis_ir::TlsApp;
use futures_util::{StreamExt, stream};
use parking_lot::Mutex;
use rustls::pki_types::CertificateDer;
use time::OffsetDateTime;
use tokio::sync::Notify;
use tokio::task::{AbortHandle, spawn_blocking};
use tokio::time::Duration;
use tracing::{debug, warn};

use super::Stapling;
use super::answer::{Answer, Status};
use super::ask::ask;
use super::file;
use super::question::{Places, Question};
use crate::tls::issuer::Cause;
use crate::tls::keeper::Clock;
use crate::tls::obtain::time_of;
use crate::tls::{Certificate, Storage, backoff};

/// The time between two looks at an answer if the config does not say.
const INTERVAL: Duration = Duration::from_hours(1);
/// How many responders are asked side by side.
const SIDE_BY_SIDE: usize = 8;
/// The longest time without a look at the clock, which may be set.
const LOOK: Duration = Duration::from_mins(10);

/// The time between two looks at answers, as the config wants it.
pub(in crate::tls) fn interval(tls: Option<&TlsApp>) -> Duration {
    let automation = tls.and_then(|tls| tls.automation.as_ref());
    let given = automation.and_then(|automation| automation.ocsp_interval);
    let given = given.filter(|interval| interval.0 > 0);
    given.map_or(INTERVAL, caddis_ir::Duration::to_std)
}

/// The answers of all certificates that are served.
#[derive(Debug)]
pub(in crate::tls) struct Staples {
    /// By the certificates themselves.
    entries: Mutex<HashMap<CertificateDer<'static>, Entry>>,
    interval: Mutex<Duration>,
    /// There is another certificate to ask about.
    more: Notify,
    clock: Clock,
    work: Mutex<Option<AbortHandle>>,
}

/// A certificate that has a responder.
#[derive(Clone, Debug)]
struct Entry {
    /// The same one may be served by two configs for a while.
    served: Vec<Weak<Certificate>>,
    stapling: Arc<Stapling>,
    places: Places,
    storage: Storage,
    /// When it is asked about next.
    due: OffsetDateTime,
    /// Until when the answer that is sent along holds; the next one can always be had if `None`.
    until: Option<OffsetDateTime>,
    failures: u32,
}

impl Staples {
    pub(in crate::tls) fn new(clock: Clock) -> Self {
        Self {
            entries: Mutex::default(),
            interval: Mutex::new(INTERVAL),
            more: Notify::new(),
            clock,
            work: Mutex::default(),
        }
    }

    /// Looks after the answers of a certificate from now on, as long as it is served. What is kept is used at once.
    pub(in crate::tls) fn look_after(
        &self,
        certificate: &Arc<Certificate>,
        stapling: &Arc<Stapling>,
        storage: &Storage,
    ) {
        let Some(leaf) = certificate.chain().first() else {
            return;
        };
        let places = Places::of(leaf);
        let named = places.responder.as_deref();
        if named.and_then(|named| stapling.responder(named)).is_none() {
            return;
        }
        let mut entries = self.entries.lock();
        let known = entries.get_mut(leaf).filter(|known| known.is_served());
        if let Some(known) = known {
            let is_new = known.serves(certificate);
            known.stapling = Arc::clone(stapling);
            if is_new {
                known.served.push(Arc::downgrade(certificate));
            }
            return;
        }
        let now = self.clock.now();
        let mut entry = Entry {
            served: vec![Arc::downgrade(certificate)],
            stapling: Arc::clone(stapling),
            places,
            storage: storage.clone(),
            due: now,
            until: None,
            failures: 0,
        };
        if let Some((der, answer)) = kept(certificate, storage, now) {
            entry.takes(&der, answer, now, *self.interval.lock());
        }
        entries.insert(leaf.clone(), entry);
        self.more.notify_one();
    }

    /// Looks as often as a config wants it from now on.
    pub(in crate::tls) fn look_every(self: &Arc<Self>, interval: Duration) {
        *self.interval.lock() = interval;
        let mut work = self.work.lock();
        if work.is_none() {
            *work = Some(tokio::spawn(run(Arc::clone(self))).abort_handle());
        }
    }

    /// Ends the work.
    pub(in crate::tls) fn end(&self) {
        if let Some(work) = self.work.lock().take() {
            work.abort();
        }
    }

    /// What is to be asked about now, and how long it is until something is.
    fn due(&self) -> (Vec<CertificateDer<'static>>, Duration) {
        let now = self.clock.now();
        let mut entries = self.entries.lock();
        entries.retain(|_, entry| entry.is_served());
        let mut due = Vec::new();
        let mut wait = LOOK;
        for (leaf, entry) in entries.iter_mut() {
            if entry.until.is_some_and(|until| until <= now) {
                entry.staple(None);
                entry.until = None;
            }
            if entry.due <= now {
                due.push(leaf.clone());
            }
            for at in [Some(entry.due), entry.until].into_iter().flatten() {
                wait = wait.min(Duration::try_from(at - now).unwrap_or_default());
            }
        }
        (due, wait)
    }

    /// Asks about one certificate.
    async fn renew(&self, leaf: &CertificateDer<'static>) {
        let entry = self.entries.lock().get(leaf).cloned();
        let found = entry.and_then(|entry| {
            let certificate = entry.served.iter().find_map(Weak::upgrade);
            certificate.map(|certificate| (entry, certificate))
        });
        let Some((entry, certificate)) = found else {
            return;
        };
        let about = (&entry.places, &*entry.stapling);
        let asked = ask(&certificate, about, self.clock).await;
        let (now, every) = (self.clock.now(), *self.interval.lock());
        if let Ok((der, answer)) = &asked
            && answer.status == Status::Good
        {
            keep(&entry.storage, &certificate, der.clone()).await;
        }
        let mut entries = self.entries.lock();
        let Some(entry) = entries.get_mut(leaf) else {
            return;
        };
        match asked {
            Ok((der, answer)) => entry.takes(&der, answer, now, every),
            Err(error) => entry.fails(&error, now),
        }
    }
}

impl Entry {
    fn is_served(&self) -> bool {
        self.served.iter().any(|one| one.strong_count() > 0)
    }

    /// Gives a certificate that is served besides the answer of the others; false if it is one of them.
    fn serves(&mut self, certificate: &Arc<Certificate>) -> bool {
        self.served.retain(|one| one.strong_count() > 0);
        let mut others = self.served.iter().filter_map(Weak::upgrade);
        if others.any(|one| Arc::ptr_eq(&one, certificate)) {
            return false;
        }
        if let Some(other) = self.served.iter().find_map(Weak::upgrade) {
            certificate.staple(other.key().ocsp.clone());
        }
        true
    }

    fn names(&self) -> String {
        let one = self.served.iter().find_map(Weak::upgrade);
        one.map_or_else(String::new, |one| one.names.join(", "))
    }

    /// Asks again later; what is sent along already is, as long as it holds.
    fn fails(&mut self, error: &str, now: OffsetDateTime) {
        self.failures = self.failures.saturating_add(1);
        let wait = backoff::wait(Cause::Down, self.failures, now, rand::random());
        self.due = now + wait;
        warn!(
            target: "tls", identifiers = self.names(), error, retrying_in = wait.as_secs(), "stapling OCSP"
        );
    }

    fn staple(&self, der: Option<&[u8]>) {
        for certificate in self.served.iter().filter_map(Weak::upgrade) {
            certificate.staple(der.map(<[u8]>::to_vec));
        }
    }

    /// Does what an answer says.
    fn takes(&mut self, der: &[u8], answer: Answer, now: OffsetDateTime, every: Duration) {
        self.due = next(answer, now, every);
        match answer.status {
            Status::Good => {
                self.failures = 0;
                self.until = answer.next_update;
                self.staple(Some(der));
                debug!(
                    target: "tls", identifiers = self.names(), until = self.until.map(time_of),
                    next = time_of(self.due), "stapling OCSP"
                );
            }
            Status::Revoked { compromised } => {
                warn!(target: "tls", identifiers = self.names(), compromised, "OCSP says that the certificate is revoked");
                self.failures = 0;
                self.until = None;
                self.staple(None);
                for certificate in self.served.iter().filter_map(Weak::upgrade) {
                    certificate.revocation.note(compromised);
                }
            }
            Status::Unknown => self.fails("the responder does not know the certificate", now),
        }
    }
}

/// When a certificate is asked about again: at the first look after the middle of the answer's time, and before its end.
fn next(answer: Answer, now: OffsetDateTime, every: Duration) -> OffsetDateTime {
    /// Shorter than this no answer is good for.
    const SHORTEST: Duration = Duration::from_secs(1);
    let every = every.max(SHORTEST);
    let (Some(middle), Some(end), Status::Good) = (answer.due(), answer.next_update, answer.status)
    else {
        return now + every;
    };
    let left = |until: OffsetDateTime| Duration::try_from(until - now).unwrap_or_default();
    let looks = left(middle).as_nanos().div_ceil(every.as_nanos()).max(1);
    let looks = every.saturating_mul(u32::try_from(looks).unwrap_or(u32::MAX));
    // Who looks seldom must not be late.
    let latest = left(middle) + left(end).saturating_sub(left(middle)) / 2;
    let wait = looks.min(latest).max(SHORTEST);
    now.checked_add(wait.try_into().unwrap_or(time::Duration::DAY))
        .unwrap_or(now + LOOK)
}

/// Asks about all that is due, until it is ended.
async fn run(staples: Arc<Staples>) {
    loop {
        let (due, wait) = staples.due();
        if due.is_empty() {
            tokio::select! {
                () = staples.more.notified() => {}
                () = tokio::time::sleep(wait) => {}
            }
            continue;
        }
        let asking = stream::iter(&due);
        let asking = asking.for_each_concurrent(SIDE_BY_SIDE, |leaf| staples.renew(leaf));
        asking.await;
    }
}

/// What is kept, if it holds still.
fn kept(
    certificate: &Certificate,
    storage: &Storage,
    now: OffsetDateTime,
) -> Option<(Vec<u8>, Answer)> {
    let [leaf, issuer, ..] = certificate.chain() else {
        return None;
    };
    let der = file::read(storage, &certificate.ocsp_file)?;
    let question = Question::new(leaf, issuer).ok()?;
    let answer = Answer::read(&der, &question, now).ok()?;
    let is_good = answer.status == Status::Good && answer.next_update.is_some();
    is_good.then_some((der, answer))
}

async fn keep(storage: &Storage, certificate: &Certificate, der: Vec<u8>) {
    let (storage, file) = (storage.clone(), certificate.ocsp_file.clone());
    let written = spawn_blocking(move || storage.write_bytes(&file, &der)).await;
    if let Ok(Err(error)) = written {
        warn!(target: "tls", %error, "the OCSP answer cannot be kept");
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;
    use tokio::time::Duration;

    use super::super::answer::{Answer, Status};
    use super::next;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn answers_are_replaced_at_a_look_after_the_middle_of_their_time() {
        let begun = datetime!(2026-11-26 00:00 UTC);
        let lasting = |hours: u32| Answer {
            status: Status::Good,
            this_update: begun,
            next_update: Some(begun + HOUR * hours),
        };
        assert_eq!(next(lasting(96), begun, HOUR), begun + HOUR * 48);
        assert_eq!(next(lasting(97), begun, HOUR), begun + HOUR * 49);
        assert_eq!(
            next(lasting(96), begun + HOUR * 50, HOUR),
            begun + HOUR * 51
        );
        // Who looks once a week is not late for an answer of four days.
        assert_eq!(next(lasting(96), begun, HOUR * 168), begun + HOUR * 72);
        let endless = Answer {
            next_update: None,
            ..lasting(1)
        };
        assert_eq!(next(endless, begun, HOUR), begun + HOUR);
    }
}
