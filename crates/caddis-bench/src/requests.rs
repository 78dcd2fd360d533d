//! Clients that ask again as soon as they are answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use http::StatusCode;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::Failure;
use crate::backend::ANSWER;
use crate::connect::{Connector, Sender, Stream, expect};
use crate::load::Window;

/// The room for an answer.
const ROOM: usize = 8 * 1024;

/// One request after the other on one connection. Written by hand, so that little of the machine goes to the client.
pub(crate) async fn http1(
    mut stream: Box<dyn Stream>,
    connector: Connector,
    window: Arc<Window>,
) -> Result<Vec<Duration>, Failure> {
    let request = connector.plain_request();
    let mut read = BytesMut::with_capacity(ROOM);
    let mut times = Vec::new();
    while !window.is_closed() {
        let began = Instant::now();
        ask(&mut stream, &request, &mut read).await?;
        if window.is_open() {
            times.push(began.elapsed());
        }
    }
    Ok(times)
}

/// A new connection for each request.
pub(crate) async fn handshakes(
    connector: Connector,
    window: Arc<Window>,
) -> Result<Vec<Duration>, Failure> {
    let request = connector.plain_request();
    let mut times = Vec::new();
    while !window.is_closed() {
        let began = Instant::now();
        let mut stream = connector.connect().await?;
        ask(&mut stream, &request, &mut BytesMut::with_capacity(ROOM)).await?;
        if window.is_open() {
            times.push(began.elapsed());
        }
    }
    Ok(times)
}

/// One request after the other over HTTP/2.
pub(crate) async fn http2(
    mut sender: Sender,
    connector: Connector,
    window: Arc<Window>,
) -> Result<Vec<Duration>, Failure> {
    let request = connector.request("/api/version", Some(crate::server::TOKEN))?;
    let mut times = Vec::new();
    while !window.is_closed() {
        let began = Instant::now();
        let answer = sender.send(request.clone()).await?;
        expect(answer.status(), StatusCode::OK)?;
        let body = answer.into_body().collect().await?.to_bytes();
        if body != ANSWER[..] {
            return Err("an answer is not the backend's".into());
        }
        if window.is_open() {
            times.push(began.elapsed());
        }
    }
    Ok(times)
}

async fn ask(
    stream: &mut Box<dyn Stream>,
    request: &[u8],
    read: &mut BytesMut,
) -> Result<(), Failure> {
    stream.write_all(request).await?;
    stream.flush().await?;
    loop {
        if let Some(head) = memchr::memmem::find(read, b"\r\n\r\n") {
            let whole = head + 4 + ANSWER.len();
            if read.len() >= whole {
                is_right(&read[..whole])?;
                read.advance(whole);
                return Ok(());
            }
        }
        read.reserve(ROOM);
        if stream.read_buf(read).await? == 0 {
            return Err("a connection was closed before the answer".into());
        }
    }
}

fn is_right(answer: &[u8]) -> Result<(), Failure> {
    if answer.starts_with(b"HTTP/1.1 200 ") && answer.ends_with(&ANSWER) {
        return Ok(());
    }
    Err(format!("wrong answer: {}", String::from_utf8_lossy(answer)).into())
}
