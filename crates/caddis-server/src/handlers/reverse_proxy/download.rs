//! The answer's body on its way down.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use tracing::warn;

use super::http1::Reading;
use super::upstream::Busy;
use crate::BodyError;

/// The answer's body on its way down: passed on frame by frame, as the upstream sends it.
///
/// Dropped before its end, it cancels the request. An answer that is cut off ends in an error, so that the client never
/// takes it for a complete one.
pub struct Download {
    source: Source,
    upstream: Busy,
}

/// Where a body comes from.
enum Source {
    Http1(Reading),
    Http2(Incoming),
}

impl Download {
    pub(super) fn over_http1(body: Reading, upstream: Busy) -> Self {
        Self {
            source: Source::Http1(body),
            upstream,
        }
    }

    pub(super) fn over_http2(body: Incoming, upstream: Busy) -> Self {
        Self {
            source: Source::Http2(body),
            upstream,
        }
    }

    fn fail(&self, error: impl Into<BodyError>) -> BodyError {
        let error = error.into();
        warn!(
            target: "http.handlers.reverse_proxy",
            upstream = %**self.upstream,
            error = %super::failure::Causes(error.as_ref()),
            "aborting with incomplete response"
        );
        error
    }
}

impl http_body::Body for Download {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.source {
            Source::Http1(body) => {
                let frame = ready!(Pin::new(body).poll_frame(cx));
                Poll::Ready(frame.map(|frame| frame.map_err(|error| self.fail(error))))
            }
            Source::Http2(body) => {
                let frame = ready!(Pin::new(body).poll_frame(cx));
                Poll::Ready(frame.map(|frame| frame.map_err(|error| self.fail(error))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Http1(body) => body.is_end_stream(),
            Source::Http2(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Http1(body) => body.size_hint(),
            Source::Http2(body) => body.size_hint(),
        }
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Download")
    }
}
