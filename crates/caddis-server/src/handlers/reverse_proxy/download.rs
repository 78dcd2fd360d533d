//! The answer's body on its way down.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use tracing::warn;

use super::pool::Lease;
use super::upstream::Busy;
use crate::BodyError;

/// The answer's body on its way down: passed on frame by frame, as the upstream sends it.
///
/// Read to its end, it lets the connection wait for the next request; dropped before, it closes the connection.
/// An answer that is cut off ends in an error, so that the client never takes it for a complete one.
pub struct Download {
    body: Incoming,
    lease: Option<Lease>,
    upstream: Busy,
}

impl Download {
    pub(super) fn new(body: Incoming, lease: Option<Lease>, upstream: Busy) -> Self {
        Self {
            body,
            lease,
            upstream,
        }
    }

    fn end(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.give_back();
        }
    }

    fn fail(&mut self, error: &hyper::Error) {
        self.lease = None;
        warn!(
            target: "http.handlers.reverse_proxy",
            upstream = %**self.upstream,
            error = %super::failure::Causes(error),
            "aborting with incomplete response"
        );
    }
}

impl http_body::Body for Download {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) else {
            return Poll::Pending;
        };
        match &frame {
            Some(Ok(_)) if !self.body.is_end_stream() => {}
            Some(Ok(_)) | None => self.end(),
            Some(Err(error)) => self.fail(error),
        }
        Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Download")
    }
}
