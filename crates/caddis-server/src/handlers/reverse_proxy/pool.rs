//! Connections to an upstream that wait for their next request, kept apart by worker.

use std::collections::VecDeque;
use std::sync::{Arc, Weak};
use std::time::Duration;

use hyper::client::conn::{http1, http2};
use parking_lot::Mutex;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::keep::Counted;
use super::quota::Quota;
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
#[derive(Debug, Default)]
pub(super) struct Lane(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The one that waited longest comes first.
    waiting: VecDeque<Waiting>,
    /// An HTTP/2 connection carries any number of requests, so it is never taken out.
    shared: Option<http2::SendRequest<Upload>>,
    /// Whether a task closes what waited too long.
    swept: bool,
}

#[derive(Debug)]
struct Waiting {
    wire: Wire,
    since: Instant,
    _counted: Option<Counted>,
}

/// An HTTP/1.1 connection.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) sender: http1::SendRequest<Upload>,
    pub(super) task: AbortHandle,
    /// What it may bring before an answer has begun, and whether it may wait for another request.
    pub(super) quota: Quota,
}

/// A connection that was taken up again, and for how long it had waited.
pub(super) struct Reused {
    pub(super) wire: Wire,
    pub(super) waited: Duration,
}

impl Lane {
    /// The connection that was in use last, if one waits that the upstream has not closed.
    pub(super) fn take(&self) -> Option<Reused> {
        let now = Instant::now();
        let mut inner = self.0.lock();
        while let Some(Waiting { wire, since, .. }) = inner.waiting.pop_back() {
            let waited = now - since;
            if waited < wire.quota.keep().idle && wire.sender.is_ready() {
                return Some(Reused { wire, waited });
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
    fn put(self: &Arc<Self>, wire: Wire) {
        let keep = Arc::clone(wire.quota.keep());
        if wire.sender.is_closed() || !keep.reuse {
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
            wire,
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

    /// Closes what waited too long; says when to look again, if anything still waits.
    fn expire(&self) -> Option<Instant> {
        let now = Instant::now();
        let mut inner = self.0.lock();
        while let Some(first) = inner.waiting.front() {
            let until = first.since + first.wire.quota.keep().idle;
            if until > now && !first.wire.sender.is_closed() {
                return Some(until);
            }
            inner.waiting.pop_front();
        }
        inner.swept = false;
        None
    }
}

/// One timer for all of a lane, so that no request pays for its own.
async fn sweep(lane: Weak<Lane>, idle: Duration) {
    let mut next = Instant::now() + idle;
    loop {
        tokio::time::sleep_until(next).await;
        match lane.upgrade().and_then(|lane| lane.expire()) {
            Some(until) => next = until,
            None => return,
        }
    }
}

/// A connection in use. Dropped before the answer's end, it closes the connection at once: that cancels the request.
#[derive(Debug)]
pub(super) struct Lease {
    wire: Option<Wire>,
    lane: Arc<Lane>,
    has_upload: bool,
}

impl Lease {
    pub(super) fn new(wire: Wire, lane: &Arc<Lane>, has_upload: bool) -> Self {
        Self {
            wire: Some(wire),
            lane: Arc::clone(lane),
            has_upload,
        }
    }

    /// What requests are sent with.
    pub(super) fn wire(&mut self) -> &mut Wire {
        (self.wire.as_mut()).expect("the wire is there until the lease ends")
    }

    /// The answer was read to its end. A connection that is still busy with the request's body cannot be used again.
    pub(super) fn give_back(mut self) {
        let Some(wire) = self.wire.take() else {
            return;
        };
        if self.has_upload && !wire.sender.is_ready() {
            wire.task.abort();
        } else {
            self.lane.put(wire);
        }
    }

    /// The connection now belongs to another protocol, which ends it.
    pub(super) fn release(mut self) {
        self.wire = None;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(wire) = &self.wire {
            wire.task.abort();
        }
    }
}
