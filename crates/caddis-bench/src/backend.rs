//! The server behind the proxies: answers of 128 bytes, and streams of NDJSON.

use std::io;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::MissedTickBehavior;

use crate::Failure;

/// What every request is answered with.
pub(crate) const ANSWER: [u8; 128] = [b'x'; 128];
/// Requests for this path and a number get a stream of so many lines.
pub(crate) const STREAM: &str = "/stream/";
/// What stands in a line before the time at which it was sent, in nanoseconds.
pub(crate) const STAMP: &[u8] = b"\"at\":";
/// A line is sent this often, on each stream.
const TOKEN: Duration = Duration::from_millis(10);
/// More than any request of this benchmark has.
const MAX_HEAD: usize = 16 * 1024;

/// The running server; dropped, it ends.
pub(crate) struct Backend {
    /// Where it listens, on this machine only.
    pub(crate) port: u16,
    /// From when the times in streams are counted.
    pub(crate) began: Instant,
    _stop: oneshot::Sender<()>,
}

impl Backend {
    /// Listens, and answers on a thread of its own.
    pub(crate) fn start() -> Result<Self, Failure> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let began = Instant::now();
        let (stop, stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped => Ok(()),
                    ended = accept(listener, began) => ended,
                }
            })
        });
        Ok(Self {
            port,
            began,
            _stop: stop,
        })
    }
}

async fn accept(listener: std::net::TcpListener, began: Instant) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        // A connection that breaks is the client's to notice: it counts its answers.
        tokio::spawn(answer(stream, began));
    }
}

async fn answer(mut stream: TcpStream, began: Instant) -> io::Result<()> {
    let mut plain =
        b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 128\r\n\r\n".to_vec();
    plain.extend(ANSWER);
    let mut read = BytesMut::with_capacity(MAX_HEAD);
    loop {
        let Some(end) = memchr::memmem::find(&read, b"\r\n\r\n") else {
            if read.len() > MAX_HEAD || stream.read_buf(&mut read).await? == 0 {
                return Ok(());
            }
            continue;
        };
        match lines_wanted(&read) {
            None => stream.write_all(&plain).await?,
            Some(lines) => send_lines(&mut stream, lines, began).await?,
        }
        read.advance(end + 4);
    }
}

/// The number in `GET /stream/3 HTTP/1.1`.
fn lines_wanted(request: &[u8]) -> Option<u64> {
    let path = request.strip_prefix(b"GET ")?;
    let digits = path.strip_prefix(STREAM.as_bytes())?;
    let digits = digits.split(|byte| *byte == b' ').next()?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

async fn send_lines(stream: &mut TcpStream, lines: u64, began: Instant) -> io::Result<()> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    let mut ticks = tokio::time::interval(TOKEN);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for _ in 0..lines {
        ticks.tick().await;
        let at = began.elapsed().as_nanos();
        let line = format!(
            "{{\"model\":\"llama3.2:latest\",\"at\":{at:016},\"response\":\" token\",\"done\":false}}\n"
        );
        let chunk = format!("{:x}\r\n{line}\r\n", line.len());
        stream.write_all(chunk.as_bytes()).await?;
    }
    stream.write_all(b"0\r\n\r\n").await
}

#[cfg(test)]
mod tests {
    use super::lines_wanted;

    #[test]
    fn the_number_of_lines_stands_in_the_path() {
        assert_eq!(lines_wanted(b"GET /stream/30 HTTP/1.1\r\n"), Some(30));
        assert_eq!(lines_wanted(b"GET / HTTP/1.1\r\n"), None);
        assert_eq!(lines_wanted(b"GET /stream/x HTTP/1.1\r\n"), None);
    }
}
