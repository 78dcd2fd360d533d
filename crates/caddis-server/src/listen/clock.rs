//! A worker's time: that of its last sweep, and whether somebody has set the clock on the wall back.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::SystemTime;

use tokio::time::Instant;

/// A worker's time in milliseconds, as of its last sweep.
#[derive(Debug)]
pub(crate) struct Clock {
    start: Instant,
    now: AtomicU64,
    /// The latest that the clock on the wall has shown, in seconds.
    latest: AtomicU64,
    /// Whether that is later than what it shows now: somebody has set it.
    was_set_back: AtomicBool,
}

impl Clock {
    pub(crate) fn start() -> Self {
        Self {
            start: Instant::now(),
            now: AtomicU64::new(0),
            latest: AtomicU64::new(0),
            was_set_back: AtomicBool::new(false),
        }
    }

    pub(super) fn now(&self) -> u64 {
        self.now.load(Relaxed)
    }

    pub(super) fn tick(&self) -> u64 {
        let now = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.now.store(now, Relaxed);
        self.look_at(SystemTime::now());
        now
    }

    /// Whether the clock on the wall shows less than it did.
    pub(super) fn was_set_back(&self) -> bool {
        self.was_set_back.load(Relaxed)
    }

    /// Looks whether the clock on the wall was set back.
    pub(super) fn look_at(&self, wall: SystemTime) {
        /// Less than this is how clocks are kept right.
        const STEP: u64 = 2;
        let since = wall.duration_since(SystemTime::UNIX_EPOCH);
        let now = since.map_or(0, |since| since.as_secs());
        let latest = self.latest.fetch_max(now, Relaxed);
        self.was_set_back.store(now + STEP < latest, Relaxed);
    }
}
