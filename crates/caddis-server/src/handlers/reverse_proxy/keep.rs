//! Which connections wait for another request, for how long, and how many.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

/// How long a connection may wait for its next request; Caddy's default.
pub(super) const IDLE: Duration = Duration::from_mins(2);

/// How many connections of one worker may wait at a time, if the config does not say.
///
/// Caddy keeps 32 for the whole process; a worker that answers a batch of clients at once would close and open
/// connections all the time with so few.
pub(super) const MAX_WAITING: usize = 256;

/// Which connections wait for another request.
#[derive(Debug)]
pub(super) struct Keep {
    /// Whether a connection has more than one request.
    pub(super) reuse: bool,
    /// How long one may wait.
    pub(super) idle: Duration,
    /// How many of one worker may wait for requests to one upstream.
    pub(super) most: usize,
    /// How many may wait in all.
    pub(super) total: Option<Arc<Total>>,
    /// Told when one begins to wait, if there are requests that may wait for that.
    pub(super) returned: Option<Notify>,
}

/// How many connections wait, of all upstreams and workers.
#[derive(Debug)]
pub(super) struct Total {
    most: usize,
    waiting: AtomicUsize,
}

/// One that waits, counted as long as it does.
#[derive(Debug)]
pub(super) struct Counted(Arc<Total>);

impl Total {
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            waiting: AtomicUsize::new(0),
        })
    }

    /// Counts one more, if there may be one.
    pub(super) fn enter(self: &Arc<Self>) -> Option<Counted> {
        let entered = self
            .waiting
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |waiting| {
                (waiting < self.most).then_some(waiting + 1)
            });
        entered.ok().map(|_| Counted(Arc::clone(self)))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}
