//! The request's body on its way up.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use tokio::sync::oneshot;

use crate::{Body, BodyError};

/// The request's body on its way up: passed on frame by frame, as the client sends it.
#[derive(Debug, Default)]
pub(super) struct Upload {
    body: Body,
    /// Dropped when the body has been passed on, or has failed: the time for the answer begins then.
    sent: Option<oneshot::Sender<()>>,
}

impl Upload {
    pub(super) fn new(body: Body) -> Self {
        Self { body, sent: None }
    }

    /// Becomes ready when the body has been passed on.
    pub(super) fn watch(&mut self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        if !self.body.is_end_stream() {
            self.sent = Some(sender);
        }
        receiver
    }
}

impl http_body::Body for Upload {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(frame) = &frame
            && (!matches!(frame, Some(Ok(_))) || self.body.is_end_stream())
        {
            self.sent = None;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
