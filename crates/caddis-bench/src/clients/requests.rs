//! Clients that ask again as soon as they are answered.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use http::StatusCode;
use http_body_util::BodyExt;

use super::exchange::exchange;
use crate::Failure;
use crate::backend::ANSWER;
use crate::configs::token_line;
use crate::connect::{Connector, Sender, Stream, expect};
use crate::window::Window;

/// One request for a path after the other on one connection.
pub(crate) async fn http1(
    mut stream: Box<dyn Stream>,
    request: Vec<u8>,
    length: usize,
    window: Arc<Window>,
) -> Result<Vec<Duration>, Failure> {
    let mut read = BytesMut::new();
    let mut times = Vec::new();
    while !window.is_closed() {
        let began = Instant::now();
        let answer = exchange(&mut *stream, &request, &mut read).await?;
        answer.expect(200, length as u64)?;
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
    let request = connector.get("/api/version");
    let mut times = Vec::new();
    while !window.is_closed() {
        let began = Instant::now();
        let mut stream = connector.connect().await?;
        let answer = exchange(&mut *stream, &request, &mut BytesMut::new()).await?;
        answer.expect(200, ANSWER.len() as u64)?;
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
    let request = connector.request("/api/version", Some(&token_line()))?;
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
