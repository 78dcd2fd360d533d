//! A connection: bytes that were read and are not used yet, and bytes that have to be written.

use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Waker, ready};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncRead as _, AsyncReadExt as _, AsyncWrite as _, ReadBuf, empty, join};
use tokio::sync::OwnedSemaphorePermit;

use crate::Stream;
use crate::handlers::reverse_proxy::keep::Keep;

/// How much is read at a time at first, and how much a connection that waits keeps room for.
const FIRST_STEP: usize = 8 * 1024;
/// How much is read at a time where much comes.
const LAST_STEP: usize = 64 * 1024;
/// Parts of a body that are shorter are copied behind what else is to be written, so that one write takes all.
const MAX_COPIED: usize = 4 * 1024;

/// A connection of HTTP/1.1 to an upstream.
pub(in super::super) struct Line {
    stream: Box<dyn Stream>,
    /// What was read and is not used yet.
    pub(super) read: BytesMut,
    step: usize,
    /// What has to be written.
    pub(super) out: Out,
    /// Whether anything of the last request was written.
    pub(super) has_sent: bool,
    /// Whether it may have another request.
    keep: Arc<Keep>,
    /// Held as long as it is open.
    permit: Option<OwnedSemaphorePermit>,
}

/// What has to be written: text, a part of a body that is too long to be copied, and what ends it.
#[derive(Default)]
pub(super) struct Out {
    pub(super) text: Vec<u8>,
    /// How much of the text was written.
    written: usize,
    part: Bytes,
    end: &'static [u8],
}

impl Line {
    pub(in super::super) fn new(
        stream: Box<dyn Stream>,
        keep: Arc<Keep>,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            stream,
            read: BytesMut::new(),
            step: FIRST_STEP,
            out: Out::default(),
            has_sent: false,
            keep,
            permit,
        }
    }

    /// Whether it may wait for another request, and how long.
    pub(in super::super) fn keep(&self) -> &Arc<Keep> {
        &self.keep
    }

    /// Whether nothing came since the last answer: neither its end nor anything else, which would not be ours.
    pub(in super::super) fn is_quiet(&mut self) -> bool {
        let mut byte = [0];
        let mut cx = Context::from_waker(Waker::noop());
        let mut buffer = ReadBuf::new(&mut byte);
        let read = Pin::new(&mut self.stream).poll_read(&mut cx, &mut buffer);
        self.read.is_empty() && read.is_pending()
    }

    /// Gives back the room that only long answers take; false if something is left to be read.
    pub(in super::super) fn rests(&mut self) -> bool {
        let is_read = self.read.is_empty();
        if self.step > FIRST_STEP {
            self.step = FIRST_STEP;
            self.read = BytesMut::new();
        }
        if self.out.text.capacity() > FIRST_STEP {
            self.out.text = Vec::new();
        }
        is_read
    }

    /// The connection itself, for another protocol, what was read of it, and what it holds.
    pub(super) fn into_parts(self) -> (Box<dyn Stream>, Bytes, Option<OwnedSemaphorePermit>) {
        (self.stream, self.read.freeze(), self.permit)
    }

    /// Makes two of it: one that only reads, and one that only writes.
    pub(super) fn split(self) -> (Self, Self) {
        let (reader, writer) = tokio::io::split(self.stream);
        let keep = Arc::clone(&self.keep);
        let writing = Self {
            out: self.out,
            ..Self::new(Box::new(join(empty(), writer)), keep, None)
        };
        let reading = Self {
            stream: Box::new(join(reader, empty())),
            out: Out::default(),
            ..self
        };
        (reading, writing)
    }

    /// Reads more; false at the end of the connection.
    pub(super) fn poll_fill(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let room = self.read.capacity() - self.read.len();
        if room < self.step / 2 {
            self.read.reserve(self.step);
        }
        let room = self.read.capacity() - self.read.len();
        let count = ready!(pin!(self.stream.read_buf(&mut self.read)).poll(cx))?;
        if count == room {
            self.step = (self.step * 2).min(LAST_STEP);
        }
        Poll::Ready(Ok(count > 0))
    }

    /// Writes all that has to be written.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.out.is_empty() {
            let written = ready!(self.out.poll_write(&mut self.stream, cx))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.has_sent = true;
            self.out.advance(written);
        }
        self.out.text.clear();
        self.out.written = 0;
        Pin::new(&mut self.stream).poll_flush(cx)
    }
}

impl Out {
    /// Adds a part of a body, and what ends it.
    pub(super) fn push(&mut self, part: Bytes, end: &'static [u8]) {
        if part.len() <= MAX_COPIED {
            self.text.extend_from_slice(&part);
            self.text.extend_from_slice(end);
        } else {
            self.part = part;
            self.end = end;
        }
    }

    /// Whether another part has to wait until more is written.
    pub(super) fn is_full(&self) -> bool {
        !self.part.is_empty() || !self.end.is_empty() || self.text.len() > MAX_COPIED
    }

    fn is_empty(&self) -> bool {
        self.written == self.text.len() && self.part.is_empty() && self.end.is_empty()
    }

    fn poll_write(
        &self,
        stream: &mut Box<dyn Stream>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let text = self.text.get(self.written..).unwrap_or_default();
        let mut slices = [text, &self.part, self.end].into_iter();
        let stream = Pin::new(stream);
        if self.part.is_empty() || !stream.is_write_vectored() {
            let first = slices.find(|slice| !slice.is_empty());
            return stream.poll_write(cx, first.unwrap_or_default());
        }
        let slices = [text, &self.part, self.end].map(IoSlice::new);
        stream.poll_write_vectored(cx, &slices)
    }

    fn advance(&mut self, written: usize) {
        let of_text = written.min(self.text.len() - self.written);
        self.written += of_text;
        let of_part = (written - of_text).min(self.part.len());
        self.part.advance(of_part);
        let of_end = written - of_text - of_part;
        self.end = self.end.get(of_end..).unwrap_or_default();
    }
}
