//! The body of an HTTP/2 request that is dropped before its end: its stream is reset a moment after the answer.
//!
//! A client that is still sending, and reads the answer and the reset in one go, may take the answer for lost:
//! curl 7.88 says "stream error" in the place of 401 or 413.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::runtime::Handle;
use tokio::sync::Semaphore;

use crate::body::BodyError;

/// The time between the end of our interest in a body and the reset.
const LINGER: Duration = Duration::from_millis(500);
/// The most bodies of a connection that are kept for that time.
pub(super) const MAX_LINGERING: usize = 16;

/// A body that is kept for a moment when it is dropped before its end.
pub(super) struct Unread {
    body: Option<Incoming>,
    places: Arc<Semaphore>,
}

impl Unread {
    /// `places` are those of the connection, [`MAX_LINGERING`] at first.
    pub(super) fn new(body: Incoming, places: &Arc<Semaphore>) -> Self {
        Self {
            body: Some(body),
            places: Arc::clone(places),
        }
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        let Some(body) = self.body.take().filter(|body| !body.is_end_stream()) else {
            return;
        };
        let place = Arc::clone(&self.places).try_acquire_owned();
        if let (Ok(place), Ok(runtime)) = (place, Handle::try_current()) {
            runtime.spawn(async move {
                tokio::time::sleep(LINGER).await;
                drop((body, place));
            });
        }
    }
}

impl HttpBody for Unread {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let hint = self.body.as_ref().map(HttpBody::size_hint);
        hint.unwrap_or_else(|| SizeHint::with_exact(0))
    }
}
