//! The server behind the one that is attacked: small answers, streams of numbered lines, a large answer, uploads, and
//! a socket that echoes.

use std::io;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use super::command::Trouble;

/// What most requests are answered with.
pub(super) const ANSWER: &str =
    r#"{"model":"tiny","done":true,"response":"an answer that is as long as a short sentence"}"#;
/// The length of what is at `/big`.
const BIG: usize = 1 << 30;
const PIECE: usize = 64 << 10;
/// How often a line is sent on each stream.
const TOKEN: Duration = Duration::from_millis(50);

/// The running server; it ends with the process.
pub(super) struct Backend {
    pub(super) port: u16,
    /// From when the times in streams are counted.
    pub(super) began: Instant,
    streams: watch::Sender<u64>,
}

impl Backend {
    /// Listens, and answers on a thread of its own.
    pub(super) fn start() -> Result<Self, Trouble> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let port = listener.local_addr()?.port();
        let (streams, ending) = watch::channel(0);
        let began = Instant::now();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        std::thread::spawn(move || runtime.block_on(accept(listener, began, ending)));
        Ok(Self {
            port,
            began,
            streams,
        })
    }

    /// Ends the streams that go on now, as streams end.
    pub(super) fn end_streams(&self) {
        self.streams.send_modify(|generation| *generation += 1);
    }
}

async fn accept(
    listener: std::net::TcpListener,
    began: Instant,
    ending: watch::Receiver<u64>,
) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let ending = ending.clone();
        tokio::spawn(async move { serve(stream, began, ending).await });
    }
}

/// Answers one request after the other, until the client or an error ends it.
async fn serve(
    mut stream: TcpStream,
    began: Instant,
    ending: watch::Receiver<u64>,
) -> io::Result<()> {
    let mut read = BytesMut::new();
    loop {
        let Some(head) = head(&mut stream, &mut read).await? else {
            return Ok(());
        };
        let path = head.split(' ').nth(1).unwrap_or_default();
        match path {
            "/stream" => lines(&mut stream, began, ending.clone()).await?,
            "/big" => big(&mut stream).await?,
            "/socket" => return echo(stream).await,
            _ => {
                take(&mut stream, &mut read, length(&head)).await?;
                let length = ANSWER.len();
                let answer = format!(
                    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{ANSWER}"
                );
                stream.write_all(answer.as_bytes()).await?;
            }
        }
    }
}

/// The next head, in lower case.
async fn head(stream: &mut TcpStream, read: &mut BytesMut) -> io::Result<Option<String>> {
    loop {
        if let Some(end) = memchr::memmem::find(read, b"\r\n\r\n") {
            let head = read.split_to(end + 4);
            return Ok(Some(String::from_utf8_lossy(&head).to_lowercase()));
        }
        if stream.read_buf(read).await? == 0 {
            return Ok(None);
        }
    }
}

fn length(head: &str) -> usize {
    let field = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    field.and_then(|field| field.parse().ok()).unwrap_or(0)
}

async fn take(stream: &mut TcpStream, read: &mut BytesMut, mut length: usize) -> io::Result<()> {
    loop {
        let there = length.min(read.len());
        read.advance(there);
        length -= there;
        if length == 0 {
            return Ok(());
        }
        if stream.read_buf(read).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

/// Numbered lines with the time at which they are sent; the last one says how many there were.
async fn lines(
    stream: &mut TcpStream,
    began: Instant,
    mut ending: watch::Receiver<u64>,
) -> io::Result<()> {
    ending.mark_unchanged();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    let mut ticks = tokio::time::interval(TOKEN);
    let mut number = 0_u64;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            _ = ending.changed() => break,
        }
        let at = began.elapsed().as_micros();
        chunk(stream, &format!("{number} {at}\n")).await?;
        number += 1;
    }
    chunk(stream, &format!("end {number}\n")).await?;
    stream.write_all(b"0\r\n\r\n").await
}

async fn chunk(stream: &mut TcpStream, text: &str) -> io::Result<()> {
    let chunk = format!("{:x}\r\n{text}\r\n", text.len());
    stream.write_all(chunk.as_bytes()).await
}

async fn big(stream: &mut TcpStream) -> io::Result<()> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {BIG}\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    let piece = vec![b'x'; PIECE];
    for _ in 0..BIG / PIECE {
        stream.write_all(&piece).await?;
    }
    Ok(())
}

/// Takes the connection over and sends back what comes.
async fn echo(mut stream: TcpStream) -> io::Result<()> {
    let head =
        "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    let (mut from, mut to) = stream.split();
    tokio::io::copy(&mut from, &mut to).await?;
    Ok(())
}
