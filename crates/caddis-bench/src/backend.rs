//! The server behind the proxies: answers of any size, streams of NDJSON, and what requests looked like.

use std::io;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::MissedTickBehavior;

use crate::Failure;
use crate::wanted::{Wanted, content_length, wanted};

/// What a request without any wish is answered with.
pub(crate) const ANSWER: [u8; 128] = [b'x'; 128];
/// What stands in a line of a stream before the time at which it was sent, in nanoseconds.
pub(crate) const STAMP: &[u8] = b"\"at\":";
/// More than any request's head has.
const MAX_HEAD: usize = 16 * 1024;
/// Bodies are read in pieces of this size.
const PIECE: usize = 256 * 1024;

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
    let usual = whole(&ANSWER);
    // A connection asks for the same again and again.
    let mut large = Vec::new();
    let mut read = BytesMut::with_capacity(MAX_HEAD);
    loop {
        let Some(end) = memchr::memmem::find(&read, b"\r\n\r\n") else {
            if read.len() > MAX_HEAD || stream.read_buf(&mut read).await? == 0 {
                return Ok(());
            }
            continue;
        };
        let head = read.split_to(end + 4);
        let body = content_length(&head);
        if body > 0 && !take(&mut stream, &mut read, body).await? {
            return Ok(());
        }
        match wanted(&head) {
            Wanted::Usual => stream.write_all(&usual).await?,
            Wanted::Bytes(count) => {
                if large.len() < count {
                    large = whole(&vec![b'x'; count]);
                }
                stream.write_all(&large).await?;
            }
            Wanted::Head => stream.write_all(&whole(&head)).await?,
            Wanted::Stream { lines, pause } => {
                send_lines(&mut stream, lines, pause, began).await?;
            }
        }
    }
}

/// An answer that is sent at once. `X-Internal` is for the proxies to remove.
fn whole(body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-Internal: yes\r\nContent-Length: {length}\r\n\r\n"
    )
    .into_bytes();
    answer.extend_from_slice(body);
    answer
}

/// Reads a body of a known length; says whether it was whole.
async fn take(stream: &mut TcpStream, read: &mut BytesMut, length: u64) -> io::Result<bool> {
    let mut left = length;
    loop {
        let here = usize::try_from(left).unwrap_or(usize::MAX).min(read.len());
        read.advance(here);
        left -= here as u64;
        if left == 0 {
            return Ok(true);
        }
        read.reserve(PIECE);
        if stream.read_buf(read).await? == 0 {
            return Ok(false);
        }
    }
}

/// Sends lines as a model's server would, each with the time.
async fn send_lines(
    stream: &mut TcpStream,
    lines: u64,
    pause: Duration,
    began: Instant,
) -> io::Result<()> {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    let mut ticks = tokio::time::interval(pause);
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
