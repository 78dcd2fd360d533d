//! HTTP/1.1 and HTTP/2 on one connection: requests to the service tree, responses back.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use arc_swap::ArcSwap;
use bytes::{Bytes, BytesMut};
use http::HeaderValue;
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::uri::Authority;
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::AsyncReadExt;
use tokio::sync::Semaphore;
use tokio::time::Sleep;

use super::activity::{Activity, Command};
use super::unread::{MAX_LINGERING, Unread};
use super::wire::{Transport, Wire};
use super::{Served, Settings};
use crate::body::BodyError;
use crate::tls::{Challenges, WELL_KNOWN};
use crate::{Body, Connection, Request, Response};

/// The most requests that run side by side on one HTTP/2 connection, as in Go.
const MAX_STREAMS: u32 = 250;
/// Streams that a client may have reset before we looked at them: more is an attack.
const MAX_PENDING_RESETS: usize = 50;
/// Streams that a client may make us reset: more is an attack.
const MAX_LOCAL_RESETS: usize = 256;
/// The least room for what is read from a connection and written to it.
const BUFFER: usize = 64 * 1024;
/// The room for the first bytes of a connection, which show what is spoken.
const FIRST_READ: usize = 4096;
/// How much of an answer is held for a client of HTTP/2 that is slow to read, for each of its streams.
const MAX_UNSENT: usize = 64 * 1024;
/// What a client says first that speaks HTTP/2 without having agreed on it.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What answers requests: a server's tree, or a stub.
pub(crate) trait Answer: Send + Sync + 'static {
    /// Answers one request; `None` closes the connection without an answer.
    fn answer(
        &self,
        connection: Arc<Connection>,
        request: Request,
    ) -> impl Future<Output = Option<Response>> + Send;
}

/// What a worker needs to serve the connections of one server.
pub(crate) struct Service<A> {
    /// Swapped when a config is loaded. One per worker, so that counting its references crosses no cores.
    pub(crate) served: ArcSwap<Served<A>>,
    /// What is being proven to ACME servers.
    pub(crate) challenges: Arc<Challenges>,
}

/// One connection, shared by the requests on it.
struct Live<A> {
    service: Arc<Service<A>>,
    /// Those that the connection began with.
    settings: Arc<Settings>,
    connection: Arc<Connection>,
    activity: Arc<Activity>,
    /// Places for the bodies of an HTTP/2 connection that nobody has read to their end.
    unread: Option<Arc<Semaphore>>,
}

/// Serves a connection to its end.
pub(crate) async fn serve<A: Answer, S: Transport>(
    service: Arc<Service<A>>,
    settings: Arc<Settings>,
    connection: Connection,
    activity: Arc<Activity>,
    mut stream: S,
) -> Result<(), BodyError> {
    let mut ahead = Bytes::new();
    let http2 = match &connection.tls {
        Some(tls) => match tls.alpn.as_str() {
            "h2" if settings.http2 => true,
            "" | "http/1.1" | "http/1.0" => false,
            // HTTP is not what was agreed on.
            other => return Err(format!("nobody speaks `{other}` here").into()),
        },
        None if settings.h2c => {
            let (bytes, http2) = begins_with_preface(&mut stream).await?;
            ahead = bytes;
            http2
        }
        None => false,
    };
    if !http2 && !settings.http1 {
        return Err("HTTP/1.1 is not spoken here".into());
    }
    let io = TokioIo::new(Wire::new(stream, ahead, Arc::clone(&activity)));
    let live = Arc::new(Live {
        service,
        settings,
        connection: Arc::new(connection),
        activity,
        unread: http2.then(|| Arc::new(Semaphore::new(MAX_LINGERING))),
    });
    if http2 {
        serve_http2(live, io).await
    } else {
        serve_http1(live, io).await
    }
}

/// Reads until it is clear whether the client speaks HTTP/2.
async fn begins_with_preface(stream: &mut impl Transport) -> io::Result<(Bytes, bool)> {
    let mut read = BytesMut::with_capacity(FIRST_READ);
    loop {
        if stream.read_buf(&mut read).await? == 0 {
            return Ok((read.freeze(), false));
        }
        let common = read.len().min(PREFACE.len());
        let same = read.iter().zip(PREFACE).take(common).all(|(a, b)| a == b);
        if !same || common == PREFACE.len() {
            return Ok((read.freeze(), same));
        }
    }
}

async fn serve_http1<A: Answer, S: Transport>(
    live: Arc<Live<A>>,
    io: TokioIo<Wire<S>>,
) -> Result<(), BodyError> {
    let settings = &live.settings;
    // hyper reads up to 100 header fields without asking for memory, as many as Apache takes by default; to allow
    // for more would cost every request 16 KB.
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder
        .title_case_headers(true)
        .header_read_timeout(None)
        .max_header_size(settings.max_header_bytes)
        .max_buf_size(settings.max_header_bytes.max(BUFFER));
    let service = service_fn(|request| answer(Arc::clone(&live), request));
    let mut conn = pin!(builder.serve_connection(io, service).with_upgrades());
    let mut told = false;
    poll_fn(|cx| {
        if !told && live.activity.command() == Command::Finish {
            told = true;
            conn.as_mut().graceful_shutdown();
        }
        conn.as_mut().poll(cx)
    })
    .await
    .map_err(Into::into)
}

async fn serve_http2<A: Answer, S: Transport>(
    live: Arc<Live<A>>,
    io: TokioIo<Wire<S>>,
) -> Result<(), BodyError> {
    live.activity.is_multiplexed();
    let header_bytes = u32::try_from(live.settings.max_header_bytes).unwrap_or(u32::MAX);
    let mut builder = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
    builder
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(header_bytes)
        .max_send_buf_size(MAX_UNSENT)
        .max_pending_accept_reset_streams(MAX_PENDING_RESETS)
        .max_local_error_reset_streams(MAX_LOCAL_RESETS);
    let service = service_fn(|request| answer(Arc::clone(&live), request));
    let mut conn = pin!(builder.serve_connection(io, service));
    let mut told = false;
    poll_fn(|cx| {
        if !told && live.activity.command() == Command::Finish {
            told = true;
            conn.as_mut().graceful_shutdown();
        }
        conn.as_mut().poll(cx)
    })
    .await
    .map_err(Into::into)
}

/// The connection is closed without an answer.
#[derive(Debug)]
struct Aborted;

impl std::fmt::Display for Aborted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the request was aborted")
    }
}

impl std::error::Error for Aborted {}

async fn answer<A: Answer>(
    live: Arc<Live<A>>,
    request: http::Request<Incoming>,
) -> Result<http::Response<Outgoing<A>>, Aborted> {
    live.activity
        .request_begins(!request.body().is_end_stream());
    // From here on every way out ends the request, a panic included.
    let mut outgoing = Outgoing {
        body: Body::Empty,
        deadline: None,
        live,
    };
    let live = &outgoing.live;
    let settings = &live.settings;
    if let Some(limit) = settings.write_timeout.filter(|_| live.unread.is_some()) {
        outgoing.deadline = Some(Box::pin(tokio::time::sleep(limit)));
    }
    let mut request = request.map(|body| incoming(live, body));
    if live.activity.was_framed_twice() && request.headers().contains_key(TRANSFER_ENCODING) {
        // hyper has taken it away; whoever looks at the request must know that it was there.
        let length = HeaderValue::from_static("0");
        request.headers_mut().insert(CONTENT_LENGTH, length);
    }
    if let Some(text) = proof(live, &request) {
        outgoing.body = text.into();
        return Ok(http::Response::new(outgoing));
    }
    let served = live.service.served.load_full();
    let answer = (served.tree).answer(Arc::clone(&live.connection), request);
    let response = match &mut outgoing.deadline {
        None => answer.await,
        Some(deadline) => tokio::select! {
            response = answer => response,
            () = deadline.as_mut() => None,
        },
    };
    let (mut head, body) = response.ok_or(Aborted)?.into_parts();
    outgoing.body = body;
    if let Some(date) = outgoing.live.activity.date() {
        head.headers.entry(http::header::DATE).or_insert(date);
    }
    Ok(http::Response::from_parts(head, outgoing))
}

/// The body of a request, with what the connection wants of it.
fn incoming<A>(live: &Live<A>, body: Incoming) -> Body {
    if body.is_end_stream() {
        return body.into();
    }
    let body = match &live.unread {
        Some(places) => Body::new(Unread::new(body, places)),
        None => body.into(),
    };
    match live.settings.read_timeout {
        Some(limit) => Body::new(Timely {
            body,
            deadline: Box::pin(tokio::time::sleep(limit)),
        }),
        None => body,
    }
}

/// The answer to an ACME server that validates a name over HTTP.
fn proof<A>(live: &Live<A>, request: &Request) -> Option<String> {
    let path = request.uri().path();
    if live.connection.tls.is_some() || !path.starts_with(WELL_KNOWN) {
        return None;
    }
    let named = request.headers().get(http::header::HOST);
    let named = named.and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    let host = named.as_ref().or(request.uri().authority())?.host();
    live.service.challenges.over_http(host, path)
}

/// A response's body; the request is over when it is dropped.
struct Outgoing<A> {
    body: Body,
    deadline: Option<Pin<Box<Sleep>>>,
    live: Arc<Live<A>>,
}

impl<A> HttpBody for Outgoing<A> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Some(deadline) = &mut self.deadline
            && deadline.as_mut().poll(cx).is_ready()
        {
            return Poll::Ready(Some(Err("the response took too long".into())));
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<A> Drop for Outgoing<A> {
    fn drop(&mut self) {
        self.live.activity.request_ends();
    }
}

/// A request's body that must be there in time.
struct Timely {
    body: Body,
    deadline: Pin<Box<Sleep>>,
}

impl HttpBody for Timely {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err("the request's body took too long".into())));
        }
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
