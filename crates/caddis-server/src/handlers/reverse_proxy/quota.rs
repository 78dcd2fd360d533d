//! A connection that may bring only so much before an answer has begun.
//!
//! An upstream may send any number of answers such as 103 before the one that counts. Without a limit, one that
//! never comes to it would keep a worker busy for as long as the client waits.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::keep::Keep;
use crate::Stream;

/// How many bytes may come before an answer has begun.
const MOST: usize = 1 << 20;
const UNLIMITED: usize = usize::MAX;

/// How many bytes a connection may still bring, beside whether it is kept: together, as answers hold them.
#[derive(Clone, Debug)]
pub(super) struct Quota(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    left: AtomicUsize,
    keep: Arc<Keep>,
}

impl Quota {
    pub(super) fn new(keep: &Arc<Keep>) -> Self {
        Self(Arc::new(Inner {
            left: AtomicUsize::new(UNLIMITED),
            keep: Arc::clone(keep),
        }))
    }

    /// Whether the connection may wait for another request, and how long.
    pub(super) fn keep(&self) -> &Arc<Keep> {
        &self.0.keep
    }

    /// An answer is waited for.
    pub(super) fn begin(&self) {
        self.0.left.store(MOST, Relaxed);
    }

    /// The answer has begun.
    pub(super) fn end(&self) {
        self.0.left.store(UNLIMITED, Relaxed);
    }

    fn spend(&self, bytes: usize) -> io::Result<()> {
        let left = self.0.left.load(Relaxed);
        if left == UNLIMITED {
            return Ok(());
        }
        let left = left.checked_sub(bytes).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("more than {MOST} bytes came before the answer"),
            )
        })?;
        self.0.left.store(left, Relaxed);
        Ok(())
    }
}

/// A connection with a quota.
pub(super) struct Metered {
    stream: Box<dyn Stream>,
    quota: Quota,
}

impl Metered {
    pub(super) fn new(stream: Box<dyn Stream>, quota: Quota) -> Self {
        Self { stream, quota }
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buf))?;
        Poll::Ready(self.quota.spend(buf.filled().len() - before))
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
