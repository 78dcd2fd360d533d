//! A request and its answer over HTTP/1.1, written by hand so that little of the machine goes to the client.

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::Failure;
use crate::connect::Stream;
use crate::wanted::content_length;

/// The room for an answer.
const ROOM: usize = 64 * 1024;

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The whole head.
    pub(crate) head: BytesMut,
    /// How many bytes the body had.
    pub(crate) length: u64,
}

impl Answer {
    /// Whether it is the one that was wanted.
    pub(crate) fn expect(self, status: u16, length: u64) -> Result<Self, Failure> {
        if self.status == status && (status != 200 || self.length == length) {
            return Ok(self);
        }
        let (found, bytes) = (self.status, self.length);
        Err(format!("an answer was {found} with {bytes} bytes where {status} was due").into())
    }
}

/// Sends a request and reads its answer, whose body is thrown away.
pub(crate) async fn exchange(
    stream: &mut dyn Stream,
    request: &[u8],
    read: &mut BytesMut,
) -> Result<Answer, Failure> {
    stream.write_all(request).await?;
    stream.flush().await?;
    let answer = head(stream, read).await?;
    let mut left = answer.length;
    loop {
        let here = usize::try_from(left).unwrap_or(usize::MAX).min(read.len());
        read.advance(here);
        left -= here as u64;
        if left == 0 {
            return Ok(answer);
        }
        more(stream, read).await?;
    }
}

/// Reads the head of an answer.
pub(crate) async fn head<S>(stream: &mut S, read: &mut BytesMut) -> Result<Answer, Failure>
where
    S: tokio::io::AsyncRead + Unpin + ?Sized,
{
    loop {
        if let Some(end) = memchr::memmem::find(read, b"\r\n\r\n") {
            return parsed(read.split_to(end + 4));
        }
        more(stream, read).await?;
    }
}

async fn more<S>(stream: &mut S, read: &mut BytesMut) -> Result<(), Failure>
where
    S: tokio::io::AsyncRead + Unpin + ?Sized,
{
    read.reserve(ROOM);
    if stream.read_buf(read).await? == 0 {
        return Err("a connection was closed before the answer".into());
    }
    Ok(())
}

fn parsed(head: BytesMut) -> Result<Answer, Failure> {
    let digits = head.get("HTTP/1.1 ".len()..).and_then(|rest| rest.get(..3));
    let status = digits.and_then(|digits| std::str::from_utf8(digits).ok()?.parse().ok());
    let Some(status) = status else {
        return Err(format!("no answer: {}", String::from_utf8_lossy(&head)).into());
    };
    let length = content_length(&head);
    Ok(Answer {
        status,
        head,
        length,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_and_length_are_found() {
        let head = BytesMut::from("HTTP/1.1 413 Too Large\r\ncontent-length: 7\r\n\r\n");
        let answer = parsed(head).unwrap();
        assert_eq!((answer.status, answer.length), (413, 7));
    }

    #[test]
    fn what_is_no_answer_is_said() {
        assert!(parsed(BytesMut::from("SSH-2.0\r\n\r\n")).is_err());
    }

    #[test]
    fn an_answer_that_is_cut_off_is_not_the_wanted_one() {
        let answer = parsed(BytesMut::from(
            "HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n",
        ));
        assert!(answer.unwrap().expect(200, 8).is_err());
    }
}
