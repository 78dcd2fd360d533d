//! Passive health checks: what becomes of requests says whether an upstream is well.

use std::time::Duration;

use http::StatusCode;

use super::host::Host;

/// What counts as a failure, and for how long.
#[derive(Default)]
pub(super) struct Passive {
    /// How long a failure is remembered; none is if `None`.
    pub(super) remembered: Option<Duration>,
    /// Statuses of answers that count as failures; 5 stands for 5xx.
    pub(super) statuses: Box<[i64]>,
    /// Answers that take as long count as failures.
    pub(super) latency: Option<Duration>,
}

impl Passive {
    /// The upstream has not answered.
    pub(super) fn failed(&self, host: &Host) {
        if let Some(remembered) = self.remembered {
            host.fail(remembered);
        }
    }

    /// The upstream has answered like this. Each thing that is wrong counts, as in Caddy.
    pub(super) fn answered(&self, host: &Host, status: StatusCode, latency: Duration) {
        let bad = self.statuses.iter();
        for _ in bad.filter(|bad| is_status(status, **bad)) {
            self.failed(host);
        }
        if self.latency.is_some_and(|limit| latency >= limit) {
            self.failed(host);
        }
    }
}

/// Whether a status is this one, or of this class if it has one digit.
pub(super) fn is_status(status: StatusCode, wanted: i64) -> bool {
    const CLASS: i64 = 100;
    let status = i64::from(status.as_u16());
    wanted == status || (wanted < CLASS && wanted == status / CLASS)
}
