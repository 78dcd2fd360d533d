//! Clients that read streams of numbered lines, and see how late each line is and whether one is missing.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::Method;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::sync::mpsc;

use super::client::{Client, Way};
use super::command::Trouble;
use super::target::Address;

/// How many streams go on.
pub(super) const STREAMS: usize = 200;

/// A token that came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// When it was sent, counted as the backend does.
    pub(super) sent: Duration,
    pub(super) delay: Duration,
}

/// What became of a stream.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) tokens: Vec<Token>,
    /// Lines that did not come, or not in their place; a stream that is cut has lost one at least.
    pub(super) lost: u64,
}

/// Reads so many streams until they end. `open` is told when all of them are open.
pub(super) async fn read(
    address: Address,
    began: Instant,
    open: std::sync::mpsc::Sender<()>,
) -> Result<Read, Trouble> {
    let (first, mut firsts) = mpsc::channel(STREAMS);
    let mut tasks = tokio::task::JoinSet::new();
    for index in 0..STREAMS {
        let way = if index % 2 == 0 { Way::Plain } else { Way::Tls };
        let (address, first) = (address.clone(), first.clone());
        tasks.spawn(async move { one(&address, way, began, first).await });
    }
    drop(first);
    for _ in 0..STREAMS {
        firsts.recv().await.ok_or("a stream could not be opened")?;
    }
    open.send(())?;
    let mut all = Read::default();
    while let Some(read) = tasks.join_next().await {
        let mut read = read??;
        all.tokens.append(&mut read.tokens);
        all.lost += read.lost;
    }
    Ok(all)
}

async fn one(
    address: &Address,
    way: Way,
    began: Instant,
    first: mpsc::Sender<()>,
) -> Result<Read, Trouble> {
    let mut client = Client::connect(address, way).await?;
    let answer = client
        .send(Method::GET, "/stream", &[], Bytes::new())
        .await?;
    if answer.status() != 200 {
        return Err(format!("a stream was answered with {}", answer.status()).into());
    }
    first.send(()).await?;
    drop(first);
    Ok(lines(answer.into_body(), began).await)
}

async fn lines(mut body: Incoming, began: Instant) -> Read {
    let mut read = Read::default();
    let mut bytes = BytesMut::new();
    let (mut next, mut end) = (0, None);
    while let Some(Ok(frame)) = body.frame().await {
        bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
        let now = began.elapsed();
        while let Some(place) = memchr::memchr(b'\n', &bytes) {
            let line = bytes.split_to(place + 1);
            let line = String::from_utf8_lossy(&line);
            let mut words = line.split_whitespace();
            let number = |word: Option<&str>| word.and_then(|word| word.parse::<u64>().ok());
            match words.next() {
                Some("end") => end = number(words.next()),
                word => {
                    read.lost += u64::from(number(word) != Some(next));
                    next += 1;
                    let sent = Duration::from_micros(number(words.next()).unwrap_or_default());
                    let delay = now.saturating_sub(sent);
                    read.tokens.push(Token { sent, delay });
                }
            }
        }
    }
    read.lost += match end {
        Some(end) => end.abs_diff(next),
        None => 1,
    };
    read
}
