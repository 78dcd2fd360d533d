//! The request's body on its way up.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body as _, Frame, SizeHint};
use tokio::sync::oneshot;

use super::expect::Word;
use crate::{Body, BodyError};

/// The request's body on its way up: passed on frame by frame, as the client sends it.
#[derive(Debug, Default)]
pub(super) struct Upload {
    body: Body,
    /// Dropped when the body has been passed on, or has failed: the time for the answer begins then.
    sent: Option<oneshot::Sender<()>>,
    /// Told why the body failed, where HTTP/2 would only say that it did.
    failed: Option<oneshot::Sender<BodyError>>,
    /// What it waits for before it begins.
    word: Option<Word>,
    /// A part of it that was taken and could not be sent.
    ahead: Option<Bytes>,
}

impl Upload {
    pub(super) fn new(body: Body) -> Self {
        Self {
            body,
            ..Self::default()
        }
    }

    /// Has it wait before it begins.
    pub(super) fn wait_for(&mut self, word: Word) {
        self.word = Some(word);
    }

    /// It need not wait any longer.
    pub(super) fn may_go(&mut self) {
        self.word = None;
    }

    /// Whether it waits.
    pub(super) fn waits_for_word(&self) -> bool {
        self.word.is_some()
    }

    /// Puts a part back that was taken last.
    pub(super) fn put_back(&mut self, part: Bytes) {
        self.ahead = Some(part);
    }

    /// The body, to be sent another time.
    pub(super) fn into_inner(self) -> Body {
        match self.ahead {
            None => self.body,
            Some(_) => Body::new(self),
        }
    }

    /// Becomes ready when the body has been passed on.
    pub(super) fn watch(&mut self) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        if !self.body.is_end_stream() {
            self.sent = Some(sender);
        }
        receiver
    }

    /// Takes the reason why the body failed, if it does.
    pub(super) fn watch_failure(&mut self) -> oneshot::Receiver<BodyError> {
        let (sender, receiver) = oneshot::channel();
        if !self.body.is_end_stream() {
            self.failed = Some(sender);
        }
        receiver
    }

    /// What the connection is told of a failure: all of it, or that there was one if somebody else is told more.
    fn tell(&mut self, error: BodyError) -> BodyError {
        match self.failed.take() {
            Some(failed) => {
                let _ = failed.send(error);
                "the request's body failed".into()
            }
            None => error,
        }
    }
}

impl http_body::Body for Upload {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(word) = &mut self.word {
            ready!(word.poll(cx));
            self.word = None;
        }
        if let Some(part) = self.ahead.take() {
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(frame) = &frame
            && (!matches!(frame, Some(Ok(_))) || self.body.is_end_stream())
        {
            self.sent = None;
        }
        frame.map(|frame| frame.map(|frame| frame.map_err(|error| self.tell(error))))
    }

    fn is_end_stream(&self) -> bool {
        self.ahead.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let rest = self.body.size_hint();
        match (&self.ahead, rest.exact()) {
            (None, _) => rest,
            (Some(part), Some(rest)) => SizeHint::with_exact(part.len() as u64 + rest),
            (Some(_), None) => SizeHint::default(),
        }
    }
}
