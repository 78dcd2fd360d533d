//! How busy and how well a server is, whoever asks it: counted once for all proxies that name it alike.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Weak};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// How many failures of one server are remembered; more of them change nothing.
const MAX_FAILURES: usize = 4096;

/// How busy and how well a server is.
#[derive(Debug, Default)]
pub(crate) struct Host {
    requests: AtomicI64,
    failures: Mutex<BinaryHeap<Reverse<Instant>>>,
    /// How many failures were remembered at the last look: most servers never fail, and cost no lock.
    failed: AtomicUsize,
    /// Good answers to active checks since it was last said to be well or unwell.
    pub(super) passes: AtomicI64,
    /// Bad answers to active checks since then.
    pub(super) fails: AtomicI64,
}

impl Host {
    /// A request is sent; returns how many there were before.
    pub(super) fn begin(&self) -> i64 {
        self.requests.fetch_add(1, Relaxed)
    }

    /// The answer to a request has come to its end.
    pub(super) fn end(&self) {
        self.requests.fetch_sub(1, Relaxed);
    }

    /// How many requests it is busy with.
    pub(crate) fn requests(&self) -> i64 {
        self.requests.load(Relaxed)
    }

    /// Remembers a failure for some time.
    pub(super) fn fail(&self, remembered: Duration) {
        let Some(until) = Instant::now().checked_add(remembered) else {
            return;
        };
        let mut failures = self.failures.lock();
        if failures.len() < MAX_FAILURES {
            failures.push(Reverse(until));
        }
        self.failed.store(failures.len(), Relaxed);
    }

    /// How many failures are remembered.
    pub(crate) fn failures(&self) -> usize {
        if self.failed.load(Relaxed) == 0 {
            return 0;
        }
        let now = Instant::now();
        let mut failures = self.failures.lock();
        while failures.peek().is_some_and(|Reverse(until)| *until <= now) {
            failures.pop();
        }
        self.failed.store(failures.len(), Relaxed);
        failures.len()
    }

    /// Forgets the failures, as Caddy does when another config is served.
    fn forgive(&self) {
        let mut failures = self.failures.lock();
        failures.clear();
        self.failed.store(0, Relaxed);
    }
}

/// The servers that upstreams name, by what is written in the config. It outlives configs.
#[derive(Debug, Default)]
pub(crate) struct Hosts(Mutex<HashMap<Box<str>, Weak<Host>>>);

impl Hosts {
    /// The server of this name.
    pub(super) fn get(&self, dial: &str) -> Arc<Host> {
        let mut hosts = self.0.lock();
        if let Some(host) = hosts.get(dial).and_then(Weak::upgrade) {
            return host;
        }
        hosts.retain(|_, host| host.strong_count() > 0);
        let host = Arc::<Host>::default();
        hosts.insert(dial.into(), Arc::downgrade(&host));
        host
    }

    /// All servers with their names, in the order of these.
    pub(crate) fn all(&self) -> Vec<(Box<str>, Arc<Host>)> {
        let hosts = self.0.lock();
        let known = hosts
            .iter()
            .filter_map(|(dial, host)| Some((dial.clone(), host.upgrade()?)));
        let mut known: Vec<_> = known.collect();
        known.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        known
    }

    /// Forgets all failures: another config is served from now on.
    pub(crate) fn forgive(&self) {
        for (_, host) in self.all() {
            host.forgive();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Hosts, MAX_FAILURES};

    const LONG: Duration = Duration::from_secs(10);

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_remembered_for_its_time() {
        let host = Hosts::default().get("a:1");
        host.fail(LONG);
        host.fail(LONG / 2);
        assert_eq!(host.failures(), 2);
        tokio::time::advance(LONG / 2).await;
        assert_eq!(host.failures(), 1);
        tokio::time::advance(LONG / 2).await;
        assert_eq!(host.failures(), 0);
    }

    #[tokio::test]
    async fn only_so_many_failures_are_remembered() {
        let host = Hosts::default().get("a:1");
        for _ in 0..MAX_FAILURES + 10 {
            host.fail(LONG);
        }
        assert_eq!(host.failures(), MAX_FAILURES);
    }

    #[tokio::test]
    async fn proxies_that_name_a_server_alike_share_what_is_known_of_it() {
        let hosts = Hosts::default();
        let one = hosts.get("a:1");
        hosts.get("a:1").begin();
        assert_eq!(one.requests(), 1);
        one.fail(LONG);
        hosts.forgive();
        assert_eq!((one.requests(), one.failures()), (1, 0));
        drop(one);
        hosts.get("b:1");
        assert_eq!(hosts.0.lock().len(), 1, "who is not asked is forgotten");
    }
}
