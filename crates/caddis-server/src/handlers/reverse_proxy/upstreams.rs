//! Which upstream is asked, and where its connections are kept.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;

use super::failure::{Failure, Reason};
use super::pool::{Lane, Pool};
use super::upstream::Address;
use crate::placeholders::{Template, Values};
use crate::{Context, Request};

/// How many upstreams that placeholders name are remembered by each worker, with their connections.
const MAX_FILLED: usize = 1024;

/// The upstreams of one proxy.
#[derive(Default)]
pub(super) struct Upstreams(Vec<Upstream>);

enum Upstream {
    /// Always the same.
    Fixed(Arc<Address>, Pool),
    /// Named by placeholders.
    Filled(Template, Box<[Filled]>),
}

/// What one worker knows of upstreams that placeholders named.
type Filled = Mutex<HashMap<Box<str>, (Arc<Address>, Arc<Lane>)>>;

impl Upstreams {
    /// Adds an upstream that is always the same.
    pub(super) fn fixed(&mut self, address: Arc<Address>, workers: usize) {
        self.0.push(Upstream::Fixed(address, Pool::new(workers)));
    }

    /// Adds an upstream that placeholders name.
    pub(super) fn filled(&mut self, dial: Template, workers: usize) {
        let known = (0..workers.max(1)).map(|_| Filled::default()).collect();
        self.0.push(Upstream::Filled(dial, known));
    }

    /// An upstream for a request: one of them at random, as Caddy picks it if the config does not say how.
    pub(super) fn pick(
        &self,
        request: &Request,
        context: &Context,
    ) -> Result<(Arc<Address>, Arc<Lane>), Failure> {
        let worker = context.connection().worker;
        let picked = match self.0.as_slice() {
            [] => return Err(Failure::without_upstream(Reason::NoUpstream)),
            [one] => one,
            several => &several[rand::random_range(0..several.len())],
        };
        match picked {
            Upstream::Fixed(address, pool) => {
                Ok((Arc::clone(address), Arc::clone(pool.lane(worker))))
            }
            Upstream::Filled(dial, known) => {
                let dial = dial.fill(&Values::of(request));
                let dial = String::from_utf8_lossy(&dial);
                remembered(&known[worker % known.len()], &dial)
            }
        }
    }
}

fn remembered(known: &Filled, dial: &str) -> Result<(Arc<Address>, Arc<Lane>), Failure> {
    let mut known = known.lock();
    if let Some((address, lane)) = known.get(dial) {
        return Ok((Arc::clone(address), Arc::clone(lane)));
    }
    let address =
        Address::parse(dial).map_err(|what| Failure::without_upstream(Reason::Address(what)))?;
    if known.len() >= MAX_FILLED {
        // Clients may name as many as they like: forgetting them costs new connections, not memory.
        known.clear();
    }
    let lane = Arc::<Lane>::default();
    known.insert(dial.into(), (Arc::clone(&address), Arc::clone(&lane)));
    Ok((address, lane))
}

#[cfg(test)]
mod tests {
    use super::{Filled, MAX_FILLED, remembered};

    #[test]
    fn only_so_many_upstreams_that_placeholders_name_are_remembered() {
        let known = Filled::default();
        for port in 1..=MAX_FILLED {
            assert!(remembered(&known, &format!("a:{port}")).is_ok());
        }
        assert_eq!(known.lock().len(), MAX_FILLED);
        assert!(remembered(&known, "b:1").is_ok());
        assert_eq!(known.lock().len(), 1);
    }
}
