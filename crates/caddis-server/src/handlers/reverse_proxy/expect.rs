//! `expect_continue_timeout`: the body of a request waits for the word of the upstream that it may come.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::StatusCode;
use http::header::EXPECT;
use parking_lot::Mutex;
use tokio::sync::oneshot;
use tokio::time::Sleep;

use super::upload::Upload;

/// A body waits for one of these.
#[derive(Debug)]
pub(super) struct Word {
    said: oneshot::Receiver<()>,
    patience: Pin<Box<Sleep>>,
}

impl Word {
    /// Ready when the body may go.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // An answer that comes instead of the word drops the sender; the connection then sees to the body.
        if let Poll::Ready(Ok(())) = Pin::new(&mut self.said).poll(cx) {
            return Poll::Ready(());
        }
        self.patience.as_mut().poll(cx)
    }
}

/// Has the body of a request that asks whether it may come wait for the word, or for as long as this.
pub(super) fn wait_for_word(request: &mut http::Request<Upload>, limit: Duration) {
    let asks = request.headers().get(EXPECT);
    let asks = asks.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    if !asks || http_body::Body::is_end_stream(request.body()) {
        return;
    }
    let (say, said) = oneshot::channel();
    request.body_mut().wait_for(Word {
        said,
        patience: Box::pin(tokio::time::sleep(limit)),
    });
    let say = Mutex::new(Some(say));
    hyper::ext::on_informational(request, move |answer| {
        if answer.status() == StatusCode::CONTINUE
            && let Some(say) = say.lock().take()
        {
            let _ = say.send(());
        }
    });
}
