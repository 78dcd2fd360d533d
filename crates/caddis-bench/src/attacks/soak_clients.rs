//! Clients of every kind that ask until they are told to stop, and note each failure.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use http::Method;
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::task::JoinSet;

use super::backend::ANSWER;
use super::client::{Client, Way};
use super::command::Trouble;
use super::guesses::LOGIN;
use super::target::Address;

/// How often each client of a kind does what it does.
const ASK: Duration = Duration::from_millis(100);
const UPLOAD: Duration = Duration::from_secs(1);
const LEAVE: Duration = Duration::from_millis(500);
/// How many requests a connection has.
const KEPT: usize = 50;
/// How many lines of a stream are read before it is left.
const LINES: usize = 100;
const MEGABYTE: usize = 1 << 20;
/// The most failures of which the words are kept.
const TOLD: usize = 20;

/// What all clients note.
#[derive(Default)]
pub(super) struct Notes {
    stop: AtomicBool,
    pub(super) done: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) latencies: Mutex<Vec<Duration>>,
    pub(super) failures: Mutex<Vec<String>>,
}

impl Notes {
    pub(super) fn stop(&self) {
        self.stop.store(true, Relaxed);
    }

    fn goes_on(&self) -> bool {
        !self.stop.load(Relaxed)
    }

    fn done(&self, latency: Option<Duration>) {
        self.done.fetch_add(1, Relaxed);
        if let (Some(latency), Ok(mut latencies)) = (latency, self.latencies.lock()) {
            latencies.push(latency);
        }
    }

    pub(super) fn failed(&self, what: &str, error: &Trouble) {
        self.failed.fetch_add(1, Relaxed);
        if let Ok(mut failures) = self.failures.lock()
            && failures.len() < TOLD
        {
            failures.push(format!("{what}: {error}"));
        }
    }
}

/// What a client does.
#[derive(Clone, Copy, Debug)]
enum Work {
    Ask,
    Login,
    WrongLogin,
    Upload,
    Stream,
    Leave,
    Socket,
}

/// Begins with clients of every kind; they end when they are told to stop.
pub(super) fn begin(address: &Address, notes: &Arc<Notes>) -> JoinSet<()> {
    let mut clients = JoinSet::new();
    for way in Way::ALL {
        for work in [
            Work::Ask,
            Work::Login,
            Work::WrongLogin,
            Work::Upload,
            Work::Stream,
            Work::Stream,
            Work::Leave,
            Work::Socket,
        ] {
            // There are no WebSockets over HTTP/2 here.
            if matches!(work, Work::Socket) && way == Way::Http2 {
                continue;
            }
            let (address, notes) = (address.clone(), Arc::clone(notes));
            clients.spawn(async move {
                while notes.goes_on() {
                    if let Err(error) = work.run(&address, way, &notes).await {
                        notes.failed(&format!("{work:?} over {way:?}"), &error);
                        tokio::time::sleep(ASK).await;
                    }
                }
            });
        }
    }
    clients
}

impl Work {
    /// One connection from its beginning to its end.
    async fn run(self, address: &Address, way: Way, notes: &Notes) -> Result<(), Trouble> {
        let mut client = Client::connect(address, way).await?;
        match self {
            Self::Ask => ask(&mut client, notes, ("/", 200), None).await,
            Self::Login => ask(&mut client, notes, ("/private", 200), Some(LOGIN)).await,
            Self::WrongLogin => {
                let wrong = Some("Basic YWRhOm5v");
                ask(&mut client, notes, ("/private", 401), wrong).await
            }
            Self::Upload => upload(&mut client, notes).await,
            Self::Stream => stream(&mut client, notes, LINES).await,
            Self::Leave => {
                stream(&mut client, notes, 2).await?;
                tokio::time::sleep(LEAVE).await;
                Ok(())
            }
            Self::Socket => socket(&mut client, notes).await,
        }
    }
}

/// Small questions, one after the other.
async fn ask(
    client: &mut Client,
    notes: &Notes,
    (path, expected): (&str, u16),
    login: Option<&str>,
) -> Result<(), Trouble> {
    let fields: Vec<_> = login
        .map(|login| ("authorization", login))
        .into_iter()
        .collect();
    for _ in 0..KEPT {
        if !notes.goes_on() {
            break;
        }
        let began = Instant::now();
        let (status, body) = client.get(path, &fields).await?;
        if status != expected || (path == "/" && body != ANSWER) {
            return Err(format!("{status}, {} bytes", body.len()).into());
        }
        notes.done((path == "/").then(|| began.elapsed()));
        tokio::time::sleep(ASK).await;
    }
    Ok(())
}

async fn upload(client: &mut Client, notes: &Notes) -> Result<(), Trouble> {
    let body = Bytes::from(vec![b'x'; MEGABYTE]);
    for _ in 0..KEPT / 10 {
        if !notes.goes_on() {
            break;
        }
        let answer = client
            .send(Method::POST, "/upload", &[], body.clone())
            .await?;
        let status = answer.status();
        let answer = answer.into_body().collect().await?.to_bytes();
        if status != 200 || answer != ANSWER {
            return Err(format!("{status}, {} bytes", answer.len()).into());
        }
        notes.done(None);
        tokio::time::sleep(UPLOAD).await;
    }
    Ok(())
}

/// Some lines of a stream, in their order; the client leaves in the middle of it.
async fn stream(client: &mut Client, notes: &Notes, lines: usize) -> Result<(), Trouble> {
    let answer = client
        .send(Method::GET, "/stream", &[], Bytes::new())
        .await?;
    let mut body = answer.into_body();
    let mut bytes = BytesMut::new();
    for number in 0..lines {
        let line = line(&mut body, &mut bytes).await?;
        if !line.starts_with(&format!("{number} ")) {
            return Err(format!("line {number} is `{line}`").into());
        }
        if !notes.goes_on() {
            break;
        }
    }
    notes.done(None);
    Ok(())
}

async fn line(body: &mut Incoming, bytes: &mut BytesMut) -> Result<String, Trouble> {
    loop {
        if let Some(place) = memchr::memchr(b'\n', bytes) {
            return Ok(String::from_utf8_lossy(&bytes.split_to(place + 1)).into_owned());
        }
        let frame = body.frame().await.ok_or("the stream has ended")??;
        bytes.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
    }
}

async fn socket(client: &mut Client, notes: &Notes) -> Result<(), Trouble> {
    let fields = [
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
        ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ];
    let answer = client
        .send(Method::GET, "/socket", &fields, Bytes::new())
        .await?;
    if answer.status() != 101 {
        return Err(format!("{}", answer.status()).into());
    }
    let mut socket = TokioIo::new(hyper::upgrade::on(answer).await?);
    for number in 0..10 * KEPT {
        if !notes.goes_on() {
            break;
        }
        let text = format!("{number:08}");
        socket.write_all(text.as_bytes()).await?;
        socket.flush().await?;
        let mut back = [0; 8];
        socket.read_exact(&mut back).await?;
        if back != *text.as_bytes() {
            return Err("an echo is not what was sent".into());
        }
        notes.done(None);
        tokio::time::sleep(ASK).await;
    }
    Ok(())
}
