//! A request on its way: its head, and its body as far as it is there.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, request};
use http_body::{Body as _, Frame};

use super::fault::Fault;
use super::line::Line;
use super::request::{Framing, announced, write_head};
use crate::handlers::reverse_proxy::upload::Upload;

/// How far a request is.
#[derive(Debug)]
pub(super) struct Sending {
    stage: Stage,
    framing: Framing,
    /// The trailers that may follow the body.
    trailers: Vec<HeaderName>,
    /// The part of the body that goes with the head, as long as nothing was sent.
    first: Option<Bytes>,
    /// Whether the head waited a moment already, so that the body may go with it.
    has_waited: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Body,
    /// All of it is written down.
    Last,
    Sent,
}

impl Sending {
    /// Writes down the head.
    pub(super) fn begin(head: &request::Parts, upload: &Upload, line: &mut Line) -> Self {
        write_head(head, &mut line.out.text);
        line.has_sent = false;
        let framing = Framing::of(head);
        let trailers = match framing {
            Framing::Length(_) => Vec::new(),
            Framing::Chunked => announced(&head.headers),
        };
        let stage = if framing == Framing::Length(0) && upload.is_end_stream() {
            Stage::Last
        } else {
            Stage::Body
        };
        Self {
            stage,
            framing,
            trailers,
            first: None,
            has_waited: false,
        }
    }

    /// Whether all of the request was sent.
    pub(super) fn is_over(&self) -> bool {
        self.stage == Stage::Sent
    }

    /// What was taken of the body, if nothing of the request was sent.
    pub(super) fn take_first(&mut self, line: &Line) -> Option<Bytes> {
        self.first.take().filter(|_| !line.has_sent)
    }

    /// Sends what is there.
    pub(super) fn poll(
        &mut self,
        line: &mut Line,
        upload: &mut Upload,
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Fault>> {
        while self.stage == Stage::Body {
            // One part goes with the head, so that there is one at most to be taken back.
            if line.out.is_full() || self.first.is_some() && !line.has_sent {
                ready!(line.poll_flush(cx))?;
            }
            match Pin::new(&mut *upload).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => self.push(frame, line, upload)?,
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Err(Fault::Upload(error))),
                Poll::Ready(None) => self.end(None, line)?,
                Poll::Pending if self.waits(line, cx) => return Poll::Pending,
                Poll::Pending => {
                    ready!(line.poll_flush(cx))?;
                    return Poll::Pending;
                }
            }
        }
        if self.stage == Stage::Last {
            ready!(line.poll_flush(cx))?;
            self.stage = Stage::Sent;
        }
        Poll::Ready(Ok(()))
    }

    /// A short body mostly comes with its head, and is there at the second look: then one write takes both.
    fn waits(&mut self, line: &Line, cx: &Context<'_>) -> bool {
        let waits = !line.has_sent && !self.has_waited;
        if waits {
            self.has_waited = true;
            cx.waker().wake_by_ref();
        }
        waits
    }

    fn push(&mut self, frame: Frame<Bytes>, line: &mut Line, upload: &Upload) -> Result<(), Fault> {
        match frame.into_data() {
            Ok(data) => {
                if !line.has_sent {
                    self.first = Some(data.clone());
                }
                if !self.framing.push(data, &mut line.out) {
                    return Err(Fault::Upload("the body is longer than announced".into()));
                }
                // A long part goes out first: what ends the body stands behind it.
                if upload.is_end_stream() && !line.out.is_full() {
                    self.end(None, line)?;
                }
            }
            Err(frame) => {
                let trailers = frame.into_trailers().unwrap_or_default();
                self.end(Some(&trailers), line)?;
            }
        }
        Ok(())
    }

    fn end(&mut self, trailers: Option<&HeaderMap>, line: &mut Line) -> Result<(), Fault> {
        self.stage = Stage::Last;
        if self.framing.end(trailers, &self.trailers, &mut line.out) {
            Ok(())
        } else {
            Err(Fault::Upload("the body is shorter than announced".into()))
        }
    }
}
