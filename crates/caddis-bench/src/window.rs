//! When a turn is measured.

use std::sync::OnceLock;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

/// Opened once, closed once; what happens between the two counts.
#[derive(Debug, Default)]
pub(crate) struct Window {
    opened: OnceLock<Instant>,
    closed: CancellationToken,
}

impl Window {
    /// From now on it counts.
    pub(crate) fn open(&self) -> Instant {
        *self.opened.get_or_init(Instant::now)
    }

    /// From now on nothing counts any more.
    pub(crate) fn close(&self) {
        self.closed.cancel();
    }

    /// Whether what happens now counts.
    pub(crate) fn is_open(&self) -> bool {
        self.opened.get().is_some() && !self.is_closed()
    }

    /// Whether the turn is over.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.is_cancelled()
    }

    /// When it was opened.
    pub(crate) fn opened(&self) -> Option<Instant> {
        self.opened.get().copied()
    }

    /// Waits for the end.
    pub(crate) async fn closed(&self) {
        self.closed.cancelled().await;
    }
}
