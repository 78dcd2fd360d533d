//! A connection whose reads and writes each have a time-out.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Sleep, sleep};

use crate::Stream;

/// A connection whose reads and writes each have a time-out, counted from when they begin to wait.
pub(super) struct Timed {
    stream: Box<dyn Stream>,
    read: Deadline,
    write: Deadline,
}

impl Timed {
    pub(super) fn new(
        stream: Box<dyn Stream>,
        read: Option<Duration>,
        write: Option<Duration>,
    ) -> Self {
        Self {
            stream,
            read: Deadline::new(read),
            write: Deadline::new(write),
        }
    }
}

struct Deadline {
    limit: Option<Duration>,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Deadline {
    const fn new(limit: Option<Duration>) -> Self {
        Self {
            limit,
            waiting: None,
        }
    }

    /// What came of an operation, or that it waited too long.
    fn watch<T>(
        &mut self,
        outcome: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        let Some(limit) = self.limit else {
            return outcome;
        };
        if outcome.is_ready() {
            self.waiting = None;
            return outcome;
        }
        let sleep = self.waiting.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(sleep.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Timed {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.read.watch(outcome, cx)
    }
}

impl AsyncWrite for Timed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.write.watch(outcome, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.write.watch(outcome, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outcome = Pin::new(&mut self.stream).poll_flush(cx);
        self.write.watch(outcome, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
