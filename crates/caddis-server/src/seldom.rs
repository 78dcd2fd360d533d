//! Says yes once a minute, so that what clients cause does not fill the log.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

const PAUSE: Duration = Duration::from_mins(1);

/// Says yes once a minute.
#[derive(Debug, Default)]
pub(crate) struct Seldom(Mutex<Option<Instant>>);

impl Seldom {
    /// True for the first who asks, and for the first after a minute.
    pub(crate) fn is_due(&self) -> bool {
        let now = Instant::now();
        let mut last = self.0.lock();
        if last.is_some_and(|last| now.duration_since(last) < PAUSE) {
            return false;
        }
        *last = Some(now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::{PAUSE, Seldom};

    #[tokio::test(start_paused = true)]
    async fn it_is_due_once_a_minute() {
        let seldom = Seldom::default();
        assert!(seldom.is_due());
        assert!(!seldom.is_due());
        tokio::time::advance(PAUSE).await;
        assert!(seldom.is_due());
        assert!(!seldom.is_due());
    }
}
