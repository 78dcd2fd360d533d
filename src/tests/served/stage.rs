//! A server behind the proxy that speaks when it is told to: lines to everybody who listens, and echoes.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends with the trouble that it met, and says how much it did"
)]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::broadcast::{self, Sender};

/// What it answers where nothing else is asked for.
pub(crate) const HELLO: &str = "hello from the stage\n";
/// How many bytes it answers where much is asked for.
pub(crate) const LARGE: usize = 64 << 10;
/// More lines than are ever under way.
const LINES: usize = 64;

/// How the large answer comes: 1 GiB in all.
const PIECE: usize = 64 << 10;
const PIECES: usize = 16 << 10;

type Body = BoxBody<Bytes, Infallible>;

/// The server. It ends when it is dropped.
pub(crate) struct Stage {
    pub(crate) address: SocketAddr,
    lines: Option<Arc<Sender<String>>>,
    life: Option<Sender<()>>,
    connections: Arc<AtomicUsize>,
}

impl Stage {
    /// Listens on a port that the system gives.
    #[expect(clippy::unused_async, reason = "it needs the test's runtime")]
    pub(crate) async fn open() -> Self {
        Self::on(std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap())
    }

    /// Listens on a socket that is bound already.
    pub(crate) fn on(listener: std::net::TcpListener) -> Self {
        listener.set_nonblocking(true).unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let address = listener.local_addr().unwrap();
        let lines = Arc::new(broadcast::channel(LINES).0);
        // What is dropped by `end` must not be kept alive by a task.
        let weak = Arc::downgrade(&lines);
        let connections = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&connections);
        let (life, mut ends) = broadcast::channel::<()>(1);
        tokio::spawn(async move {
            // With this task end its connections, and with them all that goes on over them.
            let mut open = tokio::task::JoinSet::new();
            loop {
                let stream = tokio::select! {
                    accepted = listener.accept() => match accepted {
                        Ok((stream, _)) => stream,
                        Err(_) => return,
                    },
                    _ = ends.recv() => return,
                };
                counted.fetch_add(1, Ordering::Relaxed);
                let weak = weak.clone();
                let service = service_fn(move |request| {
                    let lines = weak.upgrade();
                    async move { Ok::<_, Infallible>(answer(request, lines.as_deref())) }
                });
                let connection = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .with_upgrades();
                open.spawn(connection);
                while open.try_join_next().is_some() {}
            }
        });
        Self {
            address,
            life: Some(life),
            lines: Some(lines),
            connections,
        }
    }

    /// How many connections there were so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Says a line to everybody who listens, and how many these are.
    pub(crate) fn say(&self, line: &str) -> usize {
        let lines = self.lines.as_ref().unwrap();
        lines.send(format!("{line}\n")).unwrap_or(0)
    }

    /// Ends at once, in the middle of everything, and listens no more.
    pub(crate) fn dies(&mut self) {
        self.life = None;
    }

    /// Ends every stream as streams end.
    pub(crate) fn end(&mut self) {
        self.lines = None;
    }
}

fn answer(request: Request<Incoming>, lines: Option<&Sender<String>>) -> Response<Body> {
    match (request.uri().path(), lines) {
        ("/lines", Some(lines)) => say_lines(lines),
        ("/socket", _) => echo(request),
        ("/big", _) => big(),
        ("/large", _) => Response::new(Full::from(vec![b'x'; LARGE]).boxed()),
        (_, _) => Response::new(Full::from(HELLO).boxed()),
    }
}

fn say_lines(lines: &Sender<String>) -> Response<Body> {
    let listening = lines.subscribe();
    let lines = stream::unfold(listening, |mut listening| async move {
        let line = listening.recv().await.ok()?;
        Some((Ok(Frame::data(Bytes::from(line))), listening))
    });
    let mut response = Response::new(BodyExt::boxed(StreamBody::new(lines)));
    let kind = "application/x-ndjson".parse().unwrap();
    response.headers_mut().insert("content-type", kind);
    response
}

/// More than anybody should hold in memory, as fast as it is taken.
fn big() -> Response<Body> {
    let pieces = stream::unfold(0, |number| async move {
        let piece = Bytes::from(vec![b'x'; PIECE]);
        (number < PIECES).then(|| (Ok(Frame::data(piece)), number + 1))
    });
    Response::new(BodyExt::boxed(StreamBody::new(pieces)))
}

/// Takes the connection over and sends back what comes.
fn echo(mut request: Request<Incoming>) -> Response<Body> {
    let upgrading = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let upgraded = TokioIo::new(upgrading.await.unwrap());
        let (mut from, mut to) = tokio::io::split(upgraded);
        let _ = tokio::io::copy(&mut from, &mut to).await;
    });
    let mut response = Response::new(Full::default().boxed());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let fields = response.headers_mut();
    fields.insert("connection", "Upgrade".parse().unwrap());
    fields.insert("upgrade", "websocket".parse().unwrap());
    response
}
