//! A connection that is read and written a bounded number of bytes at a time: `read_buffer` and `write_buffer`.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::Stream;

/// How many bytes are read and written at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) read: usize,
    pub(super) write: usize,
}

/// A connection that is read and written in such steps.
pub(super) struct Steps {
    pub(super) stream: Box<dyn Stream>,
    pub(super) sizes: Sizes,
}

impl AsyncRead for Steps {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let most = self.sizes.read.min(buf.remaining());
        let mut part = ReadBuf::new(buf.initialize_unfilled_to(most));
        let read = Pin::new(&mut self.stream).poll_read(cx, &mut part);
        let filled = part.filled().len();
        buf.advance(filled);
        read
    }
}

impl AsyncWrite for Steps {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let step = bytes.get(..self.sizes.write).unwrap_or(bytes);
        Pin::new(&mut self.stream).poll_write(cx, step)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::{Sizes, Steps};

    #[tokio::test]
    async fn reads_and_writes_are_in_steps_and_lose_nothing() {
        let (ours, mut theirs) = duplex(64);
        let mut steps = Steps {
            stream: Box::new(ours),
            sizes: Sizes { read: 2, write: 3 },
        };
        assert_eq!(steps.write(b"hello").await.unwrap(), 3);
        theirs.write_all(b"world").await.unwrap();
        let mut read = [0; 5];
        assert_eq!(steps.read(&mut read).await.unwrap(), 2);
        steps.read_exact(&mut read[2..]).await.unwrap();
        assert_eq!(&read, b"world");
    }
}
