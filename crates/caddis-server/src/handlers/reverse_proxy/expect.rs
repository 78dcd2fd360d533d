//! `expect_continue_timeout`: the body of a request waits for the word of the upstream that it may come.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http::header::EXPECT;
use tokio::time::Sleep;

use super::upload::Upload;

/// How long a body waits for the word.
#[derive(Debug)]
pub(super) struct Word(Pin<Box<Sleep>>);

impl Word {
    /// Ready when the body may go without it.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.as_mut().poll(cx)
    }
}

/// Has the body of a request that asks whether it may come wait for the word, or for as long as this.
pub(super) fn wait_for_word(request: &mut http::Request<Upload>, limit: Duration) {
    let asks = request.headers().get(EXPECT);
    let asks = asks.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"));
    if asks && !http_body::Body::is_end_stream(request.body()) {
        let patience = Box::pin(tokio::time::sleep(limit));
        request.body_mut().wait_for(Word(patience));
    }
}
