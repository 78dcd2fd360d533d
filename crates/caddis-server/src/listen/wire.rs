//! The bytes of a connection, on their way between the socket and HTTP: counted for the time-outs, and ended so
//! that the client can read the last answer.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use super::activity::{Activity, Phase};
use super::framing::{Framing, Received};

/// How long a client that still sends may be silent before we give up on its reading our answer.
const LINGER_SILENCE: Duration = Duration::from_secs(5);
/// How long it may go on sending in all.
const LINGER_TOTAL: Duration = Duration::from_secs(30);
/// Pieces that are shorter together go out as one: to the kernel and to TLS, a list costs more than a copy.
const MAX_JOINED: usize = 2048;
/// How much of it is thrown away before we give up.
const LINGER_BYTES: u64 = 256 * 1024 * 1024;

/// A stream that can be read below its encryption, to throw away what is not wanted any more.
pub(crate) trait Transport: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    /// Reads what comes in as it comes.
    fn poll_read_raw(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>>;
}

impl Transport for tokio::net::TcpStream {
    fn poll_read_raw(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(self).poll_read(cx, buffer)
    }
}

impl Transport for tokio::net::UnixStream {
    fn poll_read_raw(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(self).poll_read(cx, buffer)
    }
}

impl<T: Transport> Transport for tokio_rustls::server::TlsStream<T> {
    fn poll_read_raw(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.get_mut().0.poll_read_raw(cx, buffer)
    }
}

/// A stream whose traffic is noted in the connection's activity.
pub(crate) struct Wire<S> {
    stream: S,
    activity: Arc<Activity>,
    /// Bytes that were read already to find out what is spoken.
    ahead: Bytes,
    /// Of the request whose header comes in.
    framing: Framing,
    ending: Ending,
}

/// How far the end of a connection is.
enum Ending {
    Open,
    /// Our side is closed; what the client still sends is thrown away, as a reset would take back our answer.
    Lingering(Linger),
    Done,
}

struct Linger {
    silence: Pin<Box<Sleep>>,
    until: Instant,
    left: u64,
}

impl<S> Wire<S> {
    pub(crate) fn new(stream: S, ahead: Bytes, activity: Arc<Activity>) -> Self {
        Self {
            stream,
            activity,
            ahead,
            framing: Framing::default(),
            ending: Ending::Open,
        }
    }

    fn received(&mut self, bytes: &[u8]) {
        match self.activity.received() {
            Received::Other => return,
            Received::Begin => self.framing = Framing::default(),
            Received::Header => {}
        }
        if self.framing.reads(bytes) {
            self.activity.is_framed_twice();
        }
    }
}

impl<S: Transport> AsyncRead for Wire<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        if this.ahead.has_remaining() {
            let part = this
                .ahead
                .split_to(this.ahead.len().min(buffer.remaining()));
            buffer.put_slice(&part);
            this.received(&part);
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(cx, buffer))?;
        if let Some(read) = buffer
            .filled()
            .get(before..)
            .filter(|read| !read.is_empty())
        {
            this.received(read);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: Transport> AsyncWrite for Wire<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, bytes))?;
        self.activity.sent();
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let mut room = [0; MAX_JOINED];
        let stream = Pin::new(&mut self.stream);
        let written = ready!(match joined(slices, &mut room) {
            Some(bytes) => stream.poll_write(cx, bytes),
            None => stream.poll_write_vectored(cx, slices),
        })?;
        self.activity.sent();
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        loop {
            match &mut this.ending {
                Ending::Open => {
                    ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
                    this.ending = if this.activity.may_have_unread() {
                        this.activity.enters(Phase::Closing);
                        Ending::Lingering(Linger::begin())
                    } else {
                        Ending::Done
                    };
                }
                Ending::Lingering(linger) => {
                    ready!(linger.poll(&mut this.stream, cx));
                    this.ending = Ending::Done;
                }
                Ending::Done => return Poll::Ready(Ok(())),
            }
        }
    }
}

/// All pieces in one, if they are short.
fn joined<'a>(slices: &[io::IoSlice<'_>], room: &'a mut [u8; MAX_JOINED]) -> Option<&'a [u8]> {
    let mut length = 0;
    for slice in slices {
        let end = length + slice.len();
        room.get_mut(length..end)?.copy_from_slice(slice);
        length = end;
    }
    room.get(..length)
}

impl Linger {
    fn begin() -> Self {
        let now = Instant::now();
        Self {
            silence: Box::pin(tokio::time::sleep_until(now + LINGER_SILENCE)),
            until: now + LINGER_TOTAL,
            left: LINGER_BYTES,
        }
    }

    /// Throws away what comes in, until the client closes its side or has had its time.
    fn poll(&mut self, stream: &mut impl Transport, cx: &mut Context<'_>) -> Poll<()> {
        let mut scratch = [0; 16 * 1024];
        loop {
            let mut buffer = ReadBuf::new(&mut scratch);
            match stream.poll_read_raw(cx, &mut buffer) {
                Poll::Pending => return self.silence.as_mut().poll(cx),
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Ready(Ok(())) => {
                    let read = buffer.filled().len() as u64;
                    let now = Instant::now();
                    self.left = self.left.saturating_sub(read);
                    if read == 0 || self.left == 0 || now >= self.until {
                        return Poll::Ready(());
                    }
                    let silence = (now + LINGER_SILENCE).min(self.until);
                    self.silence.as_mut().reset(silence);
                }
            }
        }
    }
}
