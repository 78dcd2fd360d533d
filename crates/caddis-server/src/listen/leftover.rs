//! What a client still sends over HTTP/2 when it has its answer: read and thrown away, so that it reads the answer.
//!
//! RFC 9113, 8.1 has a server say `RST_STREAM(NO_ERROR)` here, which many clients take for a failure and forget the
//! answer. HTTP/1.1 has the same trouble with the whole connection, see [`super::wire`].

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::BodyError;

/// How long a client may go on sending what nobody wants.
const TOTAL: Duration = Duration::from_secs(30);
/// How much of it is thrown away before the stream is reset.
const BYTES: u64 = 256 * 1024 * 1024;

/// A request's body; what is left of it when it is dropped is read and thrown away.
pub(super) struct Drained(Option<Incoming>);

impl Drained {
    pub(super) fn new(body: Incoming) -> Self {
        Self(Some(body))
    }
}

impl HttpBody for Drained {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let Some(body) = &mut self.0 else {
            return Poll::Ready(None);
        };
        Pin::new(body).poll_frame(cx).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.0.as_ref().map(HttpBody::size_hint).unwrap_or_default()
    }
}

impl Drop for Drained {
    fn drop(&mut self) {
        let Some(body) = self.0.take().filter(|body| !body.is_end_stream()) else {
            return;
        };
        // Without a runtime the connection is gone too.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // Ends with the stream at the latest, which its connection owns.
            runtime.spawn(tokio::time::timeout(TOTAL, drain(body)));
        }
    }
}

async fn drain(mut body: Incoming) {
    let mut left = BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, |data| data.len() as u64);
        match left.checked_sub(length) {
            Some(rest) => left = rest,
            None => return,
        }
    }
}
