//! Clients that send bodies.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use tokio::io::{AsyncWriteExt, split};

use super::exchange::{exchange, head};
use crate::Failure;
use crate::backend::ANSWER;
use crate::configs::{LIMIT, token_line};
use crate::connect::{Connector, Stream};
use crate::window::Window;

/// What an upload has.
const UPLOAD: usize = 10_000_000;
/// Twice what is allowed.
const SURPLUS: usize = 2 * LIMIT;

/// One upload after the other on one connection.
pub(crate) async fn uploads(
    mut stream: Box<dyn Stream>,
    connector: Connector,
    window: Arc<Window>,
) -> Result<Vec<Duration>, Failure> {
    let upload = post(&connector, "/upload/model", UPLOAD);
    let mut read = BytesMut::new();
    let mut times = Vec::new();
    while !window.is_closed() {
        let began = Instant::now();
        let answer = exchange(&mut *stream, &upload, &mut read).await?;
        answer.expect(200, ANSWER.len() as u64)?;
        if window.is_open() {
            times.push(began.elapsed());
        }
    }
    Ok(times)
}

/// Bodies that are larger than may be, each on a connection of its own: servers close it.
pub(crate) async fn too_large(
    connector: Connector,
    window: Arc<Window>,
) -> Result<Vec<Duration>, Failure> {
    let post = post(&connector, "/small/model", SURPLUS);
    let mut times = Vec::new();
    while !window.is_closed() {
        let began = Instant::now();
        let stream = connector.connect().await?;
        refused(stream, &post).await?;
        if window.is_open() {
            times.push(began.elapsed());
        }
    }
    Ok(times)
}

/// Reads the refusal while the body is still being sent, and goes.
async fn refused(stream: Box<dyn Stream>, post: &[u8]) -> Result<(), Failure> {
    let (mut reader, mut writer) = split(stream);
    let send = async {
        // Once it is refused nobody reads the rest.
        let _ = writer.write_all(post).await;
        std::future::pending::<()>().await;
    };
    let mut read = BytesMut::new();
    tokio::select! {
        answer = head(&mut reader, &mut read) => {
            answer?.expect(413, 0)?;
        }
        () = send => {}
    }
    Ok(())
}

fn post(connector: &Connector, path: &str, bytes: usize) -> Vec<u8> {
    let token = token_line();
    let fields = format!("Authorization: {token}\r\nContent-Length: {bytes}\r\n");
    let mut request = connector.head("POST", path, &fields);
    request.resize(request.len() + bytes, b'u');
    request
}
