//! Upstreams that stand in for the real ones: canned answers, and a record of what they were asked.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinSet;

use crate::Heard;
use crate::spec::{Override, Piece, Reply, Upstream};

/// How long a stub waits for a chunk to reach the client before it makes the next one.
const CHUNK_LIMIT: Duration = Duration::from_secs(2);

/// The stand-ins of one case.
#[derive(Debug)]
pub struct Stubs {
    upstreams: Vec<Upstream>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    answers: Vec<(String, Override)>,
    heard: Option<Arc<Heard>>,
    record: Record,
    connections: JoinSet<usize>,
}

/// What happened at the upstreams during a step.
#[derive(Debug, Default)]
pub struct Record {
    /// The requests, in the order in which they came.
    pub requests: Vec<Received>,
    /// The chunks that were made, and whether each had arrived before the next.
    pub chunks: Vec<(String, bool)>,
    /// What must not happen: dials to unknown addresses, requests without a stub.
    pub surprises: Vec<String>,
}

/// A request that an upstream got.
#[derive(Clone, Debug)]
pub struct Received {
    /// The upstream's name.
    pub upstream: String,
    /// The method.
    pub method: Method,
    /// The path and the query.
    pub target: String,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body, as far as it came.
    pub body: Bytes,
    /// Whether the body came to its end.
    pub complete: bool,
}

type Body = UnsyncBoxBody<Bytes, Infallible>;

impl Stubs {
    /// The stand-ins of a script, not asked yet.
    pub fn new(upstreams: Vec<Upstream>) -> Arc<Self> {
        Arc::new(Self {
            upstreams,
            state: Mutex::default(),
        })
    }

    /// The upstreams that stand in for the real ones.
    pub fn upstreams(&self) -> &[Upstream] {
        &self.upstreams
    }

    /// Begins a step: what is answered for once, and the client whose hearing chunks wait for.
    pub(crate) fn begin(&self, answers: Vec<(String, Override)>, heard: Option<Arc<Heard>>) {
        let mut state = self.state();
        state.record = Record::default();
        state.heard = heard;
        if answers
            .iter()
            .any(|(_, answer)| *answer == Override::Refuse)
        {
            state.connections.abort_all();
        }
        state.answers = answers;
    }

    /// Ends a step.
    pub(crate) fn end(&self) -> Record {
        std::mem::take(&mut self.state().record)
    }

    /// Whether an upstream takes no connections in this step.
    pub fn refuses(&self, upstream: &Upstream) -> bool {
        let refused = (upstream.name.clone(), Override::Refuse);
        self.state().answers.contains(&refused)
    }

    /// Opens a connection to the upstream at an address, as far as there is one.
    pub fn dial(self: &Arc<Self>, address: &str) -> std::io::Result<tokio::io::DuplexStream> {
        const BUFFER: usize = 64 * 1024;
        let position = |upstream: &Upstream| upstream.address == address;
        let Some(index) = self.upstreams.iter().position(position) else {
            let surprise = format!("unexpected dial to {address}");
            self.state().record.surprises.push(surprise.clone());
            return Err(std::io::Error::other(surprise));
        };
        if self
            .upstreams
            .get(index)
            .is_some_and(|one| self.refuses(one))
        {
            return Err(std::io::ErrorKind::ConnectionRefused.into());
        }
        let (ours, theirs) = tokio::io::duplex(BUFFER);
        self.serve(index, theirs);
        Ok(ours)
    }

    /// Serves a connection to an upstream, by its place in the script.
    pub fn serve(
        self: &Arc<Self>,
        index: usize,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    ) {
        let stubs = Arc::clone(self);
        let answers = hyper::service::service_fn(move |request| {
            let stubs = Arc::clone(&stubs);
            async move { stubs.answer(index, request).await }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .half_close(true)
            .serve_connection(TokioIo::new(stream), answers);
        self.state().connections.spawn(async move {
            // A proxy may hang up whenever it likes.
            let _ = connection.await;
            index
        });
    }

    /// Notes that a request came, answers it, and notes its body.
    async fn answer(
        self: &Arc<Self>,
        index: usize,
        request: Request<Incoming>,
    ) -> Result<Response<Body>, &'static str> {
        let upstream = self.upstreams.get(index).ok_or("no such upstream")?;
        let (head, body) = request.into_parts();
        let target = head
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str());
        let at = self.note(Received {
            upstream: upstream.name.clone(),
            method: head.method.clone(),
            target: target.into(),
            headers: head.headers,
            body: Bytes::new(),
            complete: false,
        });
        let (bytes, complete) = read(body).await;
        if let Some(received) = self.state().record.requests.get_mut(at) {
            (received.body, received.complete) = (bytes, complete);
        }
        if !complete {
            return Err("the request broke off");
        }
        match self.instead(&upstream.name) {
            Some(Override::Status(status)) => Ok(plain(status)),
            Some(Override::Timeout) => std::future::pending().await,
            Some(Override::Refuse) => Err("refused"),
            None => Ok(self.reply(upstream, &head.method, target)),
        }
    }

    fn note(&self, received: Received) -> usize {
        let mut state = self.state();
        state.record.requests.push(received);
        state.record.requests.len() - 1
    }

    /// What the upstream answers for once; refusing lasts for the whole step.
    fn instead(&self, upstream: &str) -> Option<Override> {
        let mut state = self.state();
        let at = state
            .answers
            .iter()
            .position(|(name, _)| name == upstream)?;
        match state.answers.get(at)?.1 {
            Override::Refuse => Some(Override::Refuse),
            Override::Status(_) | Override::Timeout => Some(state.answers.remove(at).1),
        }
    }

    fn reply(
        self: &Arc<Self>,
        upstream: &Upstream,
        method: &Method,
        target: &str,
    ) -> Response<Body> {
        let path = target.split('?').next().unwrap_or(target);
        let stub = upstream.stubs.iter().find(|stub| {
            let method = stub.method.as_ref().is_none_or(|one| one == method);
            let query = stub.path.written().contains('?');
            method && stub.path.matches(if query { target } else { path })
        });
        let Some(stub) = stub else {
            let surprise = format!("`{}` has no answer to {method} {target}", upstream.name);
            self.state().record.surprises.push(surprise);
            return plain(StatusCode::NOT_IMPLEMENTED);
        };
        let mut response = Response::new(self.body(&stub.reply));
        *response.status_mut() = stub.reply.status;
        for (name, value) in &stub.reply.headers {
            response.headers_mut().append(name, value.clone());
        }
        response
    }

    fn body(self: &Arc<Self>, reply: &Reply) -> Body {
        let lines: Option<Vec<_>> = reply.body.iter().map(line).collect();
        if let Some(lines) = lines {
            return Full::from(lines.join("\n")).boxed_unsync();
        }
        let chunks = Chunks {
            pieces: reply.body.iter().cloned().collect(),
            made: None,
            heard: self.state().heard.clone(),
            at: 0,
            stubs: Arc::clone(self),
        };
        StreamBody::new(stream::unfold(chunks, Chunks::next)).boxed_unsync()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A body whose chunks are made one by one.
struct Chunks {
    pieces: VecDeque<Piece>,
    /// The chunk that was made last.
    made: Option<String>,
    heard: Option<Arc<Heard>>,
    /// How much of what was heard is accounted for.
    at: usize,
    stubs: Arc<Stubs>,
}

impl Chunks {
    async fn next(mut self) -> Option<(Result<Frame<Bytes>, Infallible>, Self)> {
        self.settle().await;
        let text = match self.pieces.pop_front()? {
            Piece::Line(text) => text,
            Piece::Chunk(delay, text) => {
                tokio::time::sleep(delay).await;
                text
            }
        };
        let bytes = Bytes::from(format!("{text}\n"));
        self.made = Some(text);
        Some((Ok(Frame::data(bytes)), self))
    }

    /// Waits until the chunk that was made last has reached the client, if anybody wants to know.
    async fn settle(&mut self) {
        let (Some(made), Some(heard)) = (self.made.take(), &self.heard) else {
            return;
        };
        let at = heard.wait(&made, self.at, CHUNK_LIMIT).await;
        self.at = at.unwrap_or(self.at);
        let chunks = &mut self.stubs.state().record.chunks;
        chunks.push((made, at.is_some()));
    }
}

fn line(piece: &Piece) -> Option<&str> {
    match piece {
        Piece::Line(line) => Some(line),
        Piece::Chunk(..) => None,
    }
}

fn plain(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Full::default().boxed_unsync());
    *response.status_mut() = status;
    response
}

/// The body as far as it came, and whether it came to its end.
async fn read(mut body: Incoming) -> (Bytes, bool) {
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else {
            return (bytes.into(), false);
        };
        if let Some(data) = frame.data_ref() {
            bytes.extend_from_slice(data);
        }
    }
    (bytes.into(), true)
}
