//! Connections to an upstream that wait for their next request, kept apart by worker.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Weak};
use std::time::Duration;

use hyper::client::conn::http2;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::http1::Line;
use super::keep::Counted;
use super::upload::Upload;

/// The connections to one upstream: a lane for each worker.
#[derive(Debug)]
pub(super) struct Pool(Box<[Arc<Lane>]>);

impl Pool {
    pub(super) fn new(workers: usize) -> Self {
        Self((0..workers.max(1)).map(|_| Arc::default()).collect())
    }

    /// The lane of a worker. Lanes are never empty of workers, so a number too high shares one.
    pub(super) fn lane(&self, worker: usize) -> &Arc<Lane> {
        &self.0[worker % self.0.len()]
    }
}

/// One worker's connections to one upstream.
#[derive(Default)]
pub(super) struct Lane(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    /// The one that waited longest comes first.
    waiting: VecDeque<Waiting>,
    /// An HTTP/2 connection carries any number of requests, so it is never taken out.
    shared: Option<http2::SendRequest<Upload>>,
    /// Whether a task closes what waited too long.
    swept: bool,
}

struct Waiting {
    line: Box<Line>,
    since: Instant,
    _counted: Option<Counted>,
}

/// A connection that was taken up again, and for how long it had waited.
pub(super) struct Reused {
    pub(super) line: Box<Line>,
    pub(super) waited: Duration,
}

/// How often it is looked whether an upstream has closed what waits.
const LOOK: Duration = Duration::from_secs(5);

impl Lane {
    /// The connection that was in use last, if one waits that the upstream has not closed.
    pub(super) fn take(&self) -> Option<Reused> {
        let now = Instant::now();
        let mut inner = self.0.lock();
        while let Some(Waiting { line, since, .. }) = inner.waiting.pop_back() {
            let mut line = line;
            let waited = now - since;
            if waited < line.keep().idle && line.is_quiet() {
                return Some(Reused { line, waited });
            }
        }
        None
    }

    /// The HTTP/2 connection, if there is one that still takes requests.
    pub(super) fn shared(&self) -> Option<http2::SendRequest<Upload>> {
        let mut inner = self.0.lock();
        inner.shared.take_if(|sender| sender.is_closed());
        inner.shared.clone()
    }

    /// Carries the requests to come over an HTTP/2 connection.
    pub(super) fn share(&self, sender: http2::SendRequest<Upload>) {
        self.0.lock().shared = Some(sender);
    }

    /// Lets a connection wait for its next request.
    pub(super) fn put(self: &Arc<Self>, mut line: Box<Line>) {
        let keep = Arc::clone(line.keep());
        // What came behind the answer belongs to no request.
        if !keep.reuse || !line.rests() {
            return;
        }
        let counted = match &keep.total {
            None => None,
            Some(total) => match total.enter() {
                None => return,
                counted => counted,
            },
        };
        let mut inner = self.0.lock();
        if inner.waiting.len() >= keep.most {
            inner.waiting.pop_front();
        }
        inner.waiting.push_back(Waiting {
            line,
            since: Instant::now(),
            _counted: counted,
        });
        if !inner.swept {
            inner.swept = true;
            tokio::spawn(sweep(Arc::downgrade(self), keep.idle));
        }
        drop(inner);
        if let Some(returned) = &keep.returned {
            returned.notify_waiters();
        }
    }

    /// Closes what waited too long, and what the upstream has closed; says when to look again, if anything still waits.
    fn expire(&self) -> Option<Instant> {
        let now = Instant::now();
        let mut inner = self.0.lock();
        let idle = |waiting: &Waiting| waiting.line.keep().idle;
        let may_stay =
            |waiting: &mut Waiting| waiting.since + idle(waiting) > now && waiting.line.is_quiet();
        inner.waiting.retain_mut(may_stay);
        let first = (inner.waiting.front()).map(|first| first.since + idle(first));
        inner.swept = first.is_some();
        first.map(|until| until.min(now + LOOK))
    }
}

/// One timer for all of a lane, so that no request pays for its own.
async fn sweep(lane: Weak<Lane>, idle: Duration) {
    let mut next = Instant::now() + idle.min(LOOK);
    loop {
        tokio::time::sleep_until(next).await;
        match lane.upgrade().and_then(|lane| lane.expire()) {
            Some(until) => next = until,
            None => return,
        }
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lane")
    }
}
