//! The body of an answer as it comes; at its end the connection may wait for another request.

use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::task::AbortHandle;

use super::chunks::{Chunks, Next};
use super::head::Framing;
use super::line::Line;
use super::sending::Sending;
use crate::handlers::reverse_proxy::pool::Lane;
use crate::handlers::reverse_proxy::upload::Upload;

/// The body of an answer. Dropped before its end, it closes the connection at once: that cancels the request.
pub(in super::super) struct Reading {
    /// `None` at the end.
    line: Option<Box<Line>>,
    /// Where the connection waits after the answer, if it may.
    home: Option<Arc<Lane>>,
    left: Left,
    /// What ended it too early, and is told next.
    fault: Option<io::Error>,
    _uploading: Option<Uploading>,
}

/// What is left of a body.
#[derive(Debug)]
enum Left {
    Length(u64),
    Chunks(Chunks),
    /// All until the connection's end.
    All,
}

/// What is left of the request's body on its way up, until this is dropped.
pub(super) struct Uploading(AbortHandle);

impl Reading {
    pub(super) fn new(
        line: Box<Line>,
        home: Option<Arc<Lane>>,
        framing: Framing,
        uploading: Option<Uploading>,
    ) -> Self {
        let left = match framing {
            Framing::Length(length) => Left::Length(length),
            Framing::Chunked => Left::Chunks(Chunks::new()),
            Framing::Close | Framing::Switched | Framing::Informational => Left::All,
        };
        Self {
            line: Some(line),
            home: home.filter(|_| !matches!(left, Left::All)),
            left,
            fault: None,
            _uploading: uploading,
        }
    }

    /// What is there already.
    fn next(&mut self) -> io::Result<Option<Next>> {
        let Some(line) = &mut self.line else {
            return Ok(Some(Next::Over));
        };
        let read = &mut line.read;
        let next = match &mut self.left {
            Left::Chunks(chunks) => {
                let next = chunks.next(read);
                let next = next.map_err(|what| io::Error::new(io::ErrorKind::InvalidData, what))?;
                chunks.look_for_end(read);
                next
            }
            Left::Length(_) | Left::All if read.is_empty() => Next::More,
            Left::Length(left) => {
                let most = usize::try_from(*left).unwrap_or(usize::MAX);
                let data = read.split_to(most.min(read.len())).freeze();
                *left -= data.len() as u64;
                Next::Data(data)
            }
            Left::All => Next::Data(read.split().freeze()),
        };
        if self.is_read() {
            self.end();
        }
        Ok(Some(next).filter(|next| *next != Next::More))
    }

    fn is_read(&self) -> bool {
        match &self.left {
            Left::Length(left) => *left == 0,
            Left::Chunks(chunks) => chunks.is_over(),
            Left::All => false,
        }
    }

    fn end(&mut self) {
        if let (Some(line), Some(home)) = (self.line.take(), self.home.take()) {
            home.put(line);
        }
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<Next>> {
        loop {
            if let Some(next) = self.next()? {
                return Poll::Ready(Ok(next));
            }
            let Some(line) = &mut self.line else {
                return Poll::Ready(Ok(Next::Over));
            };
            match (ready!(line.poll_fill(cx))?, &self.left) {
                (true, _) => {}
                (false, Left::All) => {
                    self.line = None;
                    return Poll::Ready(Ok(Next::Over));
                }
                (false, Left::Length(_) | Left::Chunks(_)) => {
                    let cut = "the connection was closed before the end of the answer";
                    let error = io::Error::new(io::ErrorKind::UnexpectedEof, cut);
                    return Poll::Ready(Err(error));
                }
            }
        }
    }
}

impl Body for Reading {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(fault) = self.fault.take() {
            return Poll::Ready(Some(Err(fault)));
        }
        Poll::Ready(match ready!(self.poll_next(cx)) {
            Ok(Next::Data(data)) => Some(Ok(Frame::data(data))),
            Ok(Next::Trailers(trailers)) => Some(Ok(Frame::trailers(trailers))),
            Ok(Next::Over | Next::More) => None,
            Err(error) => {
                // Told at once, it would end the client's connection before what came until now is sent on.
                self.line = None;
                self.fault = Some(error);
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.line.is_none() && self.fault.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        match &self.left {
            Left::Length(left) => SizeHint::with_exact(*left),
            Left::Chunks(_) | Left::All if self.line.is_none() => SizeHint::with_exact(0),
            Left::Chunks(_) | Left::All => SizeHint::default(),
        }
    }
}

impl Uploading {
    /// Sends what is left of a body. A client may send on while it does not read the answer, so that it has a task of
    /// its own.
    pub(super) fn begin(mut line: Line, mut sending: Sending, mut upload: Upload) -> Self {
        let task = tokio::spawn(async move {
            // Whether it fails, the answer tells, or the end of the connection.
            let _ = poll_fn(|cx| sending.poll(&mut line, &mut upload, cx)).await;
        });
        Self(task.abort_handle())
    }
}

impl Drop for Uploading {
    fn drop(&mut self) {
        self.0.abort();
    }
}
