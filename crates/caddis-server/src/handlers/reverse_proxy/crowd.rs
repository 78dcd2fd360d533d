//! `max_conns_per_host`: how many connections an upstream has at a time.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::Semaphore;

use super::pool::Lane;
use super::upstream::Address;

/// How many connections each upstream has at a time, of all workers.
#[derive(Debug)]
pub(super) struct Crowd {
    most: usize,
    hosts: Mutex<HashMap<Box<str>, Arc<Host>>>,
}

/// The connections of one upstream.
#[derive(Debug)]
pub(super) struct Host {
    /// Those that wait. All workers share them: what waits in one could not be used by another, and would count.
    pub(super) lane: Arc<Lane>,
    /// One for each connection that may still be opened.
    pub(super) free: Arc<Semaphore>,
}

/// How many upstreams are remembered; those that placeholders name may be any.
const MAX_HOSTS: usize = 1024;

impl Crowd {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most: most.min(Semaphore::MAX_PERMITS),
            hosts: Mutex::default(),
        }
    }

    /// The connections of an upstream.
    pub(super) fn of(&self, upstream: &Address) -> Arc<Host> {
        let mut hosts = self.hosts.lock();
        if let Some(host) = hosts.get(&upstream.hostport) {
            return Arc::clone(host);
        }
        if hosts.len() >= MAX_HOSTS {
            // One that has connections is not forgotten: it would have more than it may.
            hosts.retain(|_, host| host.free.available_permits() < self.most);
        }
        let host = Arc::new(Host {
            lane: Arc::default(),
            free: Arc::new(Semaphore::new(self.most)),
        });
        hosts.insert(upstream.hostport.clone(), Arc::clone(&host));
        host
    }
}
