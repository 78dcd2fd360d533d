//! One of the upstreams of a proxy: whether it may be asked, and where it is.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use parking_lot::Mutex;

use super::failure::{Failure, Reason};
use super::host::Host;
use super::pool::{Lane, Pool};
use super::upstream::Address;
use crate::placeholders::{Template, Values};

/// How many upstreams that placeholders name are remembered by each worker, with their connections.
const MAX_FILLED: usize = 1024;

/// One of the upstreams of a proxy.
pub(super) struct Member {
    /// As the config has it, placeholders and all.
    pub(super) dial: Box<str>,
    pub(super) state: Arc<Host>,
    /// How many requests it may be busy with; any number if 0.
    pub(super) most: i64,
    /// How many remembered failures make it unwell; any number does not if `None`.
    pub(super) max_failures: Option<usize>,
    /// Whether active checks say that it is unwell.
    down: AtomicBool,
    place: Place,
}

/// Where an upstream is, and the connections to it.
pub(super) enum Place {
    /// Always the same.
    Fixed(Arc<Address>, Pool),
    /// Named by placeholders.
    Filled(Template, Box<[Filled]>),
}

/// What one worker knows of upstreams that placeholders named.
pub(super) type Filled = Mutex<HashMap<Box<str>, (Arc<Address>, Arc<Lane>)>>;

impl Place {
    /// An upstream that is always the same.
    pub(super) fn fixed(mut address: Address, of: &Limits, workers: usize) -> Self {
        address.state = Arc::clone(&of.state);
        address.most = of.most;
        Self::Fixed(Arc::new(address), Pool::new(workers))
    }

    /// An upstream that placeholders name.
    pub(super) fn filled(dial: Template, workers: usize) -> Self {
        let known = (0..workers.max(1)).map(|_| Filled::default()).collect();
        Self::Filled(dial, known)
    }
}

/// What an upstream may be asked, and how often it may fail.
pub(super) struct Limits {
    pub(super) state: Arc<Host>,
    pub(super) most: i64,
    pub(super) max_failures: Option<usize>,
}

impl Member {
    pub(super) fn new(dial: &str, limits: Limits, place: Place) -> Self {
        Self {
            dial: dial.into(),
            state: limits.state,
            most: limits.most,
            max_failures: limits.max_failures,
            down: AtomicBool::new(false),
            place,
        }
    }

    /// Whether it is well, and not too busy.
    pub(super) fn is_available(&self) -> bool {
        self.is_well() && (self.most <= 0 || self.state.requests() < self.most)
    }

    /// Whether it is well, as far as checks and requests have shown.
    pub(super) fn is_well(&self) -> bool {
        !self.down.load(Relaxed)
            && (self.max_failures).is_none_or(|max| self.state.failures() < max)
    }

    /// Notes what active checks say; true if that is something new.
    pub(super) fn is_said_to_be_well(&self, is_well: bool) -> bool {
        self.down.swap(!is_well, Relaxed) == is_well
    }

    /// Where it is, if that does not depend on the request.
    pub(super) fn address(&self) -> Option<&Arc<Address>> {
        match &self.place {
            Place::Fixed(address, _) => Some(address),
            Place::Filled(..) => None,
        }
    }

    /// Where it is for a request, with the connections of a worker.
    pub(super) fn locate(
        &self,
        values: &Values<'_>,
        worker: usize,
    ) -> Result<(Arc<Address>, Arc<Lane>), Failure> {
        match &self.place {
            Place::Fixed(address, pool) => Ok((Arc::clone(address), Arc::clone(pool.lane(worker)))),
            Place::Filled(dial, known) => {
                let dial = dial.fill(values);
                let dial = String::from_utf8_lossy(&dial);
                self.remembered(&known[worker % known.len()], &dial)
            }
        }
    }

    fn remembered(&self, known: &Filled, dial: &str) -> Result<(Arc<Address>, Arc<Lane>), Failure> {
        let mut known = known.lock();
        if let Some((address, lane)) = known.get(dial) {
            return Ok((Arc::clone(address), Arc::clone(lane)));
        }
        let address = Address::parse(dial)
            .map_err(|what| Failure::without_upstream(Reason::Address(what)))?;
        if known.len() >= MAX_FILLED {
            // Clients may name as many as they like: forgetting them costs new connections, not memory.
            known.clear();
        }
        let address = Arc::new(Address {
            state: Arc::clone(&self.state),
            most: self.most,
            ..address
        });
        let lane = Arc::<Lane>::default();
        known.insert(dial.into(), (Arc::clone(&address), Arc::clone(&lane)));
        Ok((address, lane))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Filled, Limits, MAX_FILLED, Member, Place};
    use crate::placeholders::Template;

    #[test]
    fn only_so_many_upstreams_that_placeholders_name_are_remembered() {
        let limits = Limits {
            state: Arc::default(),
            most: 0,
            max_failures: None,
        };
        let member = Member::new("x", limits, Place::filled(Template::text("x"), 1));
        let known = Filled::default();
        for port in 1..=MAX_FILLED {
            assert!(member.remembered(&known, &format!("a:{port}")).is_ok());
        }
        assert_eq!(known.lock().len(), MAX_FILLED);
        assert!(member.remembered(&known, "b:1").is_ok());
        assert_eq!(known.lock().len(), 1);
    }
}
