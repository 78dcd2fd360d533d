//! `verbose_logs`: each part of an answer that passes is told to the log.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tracing::debug;

use crate::{Body, BodyError};

/// A body that tells of each part that passes.
pub(super) struct Verbose {
    pub(super) body: Body,
    pub(super) upstream: Box<str>,
}

impl http_body::Body for Verbose {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        let upstream = &*self.upstream;
        match &polled {
            Poll::Pending => {
                debug!(target: "http.handlers.reverse_proxy", upstream, "waiting to read from upstream");
            }
            Poll::Ready(Some(Ok(frame))) => {
                let read = frame.data_ref().map_or(0, Bytes::len);
                debug!(target: "http.handlers.reverse_proxy", upstream, read, "read from upstream");
            }
            Poll::Ready(Some(Err(error))) => {
                debug!(target: "http.handlers.reverse_proxy", upstream, %error, "read from upstream");
            }
            Poll::Ready(None) => {
                debug!(target: "http.handlers.reverse_proxy", upstream, "closed response body from upstream");
            }
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
