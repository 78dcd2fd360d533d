//! What an access log is told of a request: its head when it comes in, and how it ended.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Poll, ready};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode, Uri, Version, header};
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::node::Unhandled;
use crate::{Body, BodyError, Context, Request, Response};

/// Writes down what was asked for and how it went.
pub trait AccessLog: Send + Sync {
    /// Takes down a request that came in; `None` if nothing is to be written of it.
    ///
    /// The head is as it was sent, but for what the door settled.
    fn begin(&self, head: &Arc<Head>) -> Option<Box<dyn Record>>;

    /// Writes down that a request failed.
    fn failed(&self, head: &Arc<Head>, context: &Context, failed: Failed<'_>);
}

/// The head of a request, kept for the logs and for the case that it fails.
#[derive(Clone, Debug)]
pub struct Head {
    /// What is to be done.
    pub method: Method,
    /// With what.
    pub uri: Uri,
    /// The version of HTTP that it was sent in.
    pub version: Version,
    /// Its header.
    pub headers: HeaderMap,
}

impl Head {
    /// Keeps the head of a request, which its body outlives.
    pub fn of(request: &Request) -> Self {
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            version: request.version(),
            headers: request.headers().clone(),
        }
    }
}

/// How a request failed.
#[derive(Clone, Copy, Debug)]
pub enum Failed<'a> {
    /// The client gets a plain page.
    Plainly(&'a Failure),
    /// An error route has answered, so that it is no surprise.
    Answered(&'a Failure),
    /// The error route failed too.
    Twice {
        /// Why there was an error route at all.
        first: &'a Failure,
        /// Why it failed.
        again: &'a Failure,
    },
}

/// Why a request failed, for the log.
#[derive(Clone, Debug)]
pub struct Failure {
    /// What happened.
    pub message: String,
    /// What the client is told.
    pub status: StatusCode,
    /// By which the client can name it.
    pub id: String,
    /// Where in this program it was found.
    pub trace: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            message,
            status,
            id,
            trace,
        } = self;
        let status = status.as_u16();
        write!(f, "{{id={id}}} {trace}: HTTP {status}: {message}")
    }
}

/// A request that is to be written down when it has ended.
pub trait Record: Send + Sync {
    /// Writes it down. Called once, when the last byte of the answer is on its way or the client is gone.
    fn end(self: Box<Self>, end: End);
}

/// How a request ended.
#[derive(Clone, Debug)]
pub struct End {
    /// What is known of it: time, user, variables.
    pub context: Context,
    /// The answer's status; 0 in Caddy's log if there was none.
    pub status: Option<StatusCode>,
    /// Whether no handler answered.
    pub is_unhandled: bool,
    /// The answer's header.
    pub headers: HeaderMap,
    /// The bytes of the request's body that were read.
    pub bytes_read: u64,
    /// The bytes of the answer's body that were sent.
    pub size: u64,
}

/// Counts the bytes of a request's body.
pub(crate) fn counted(request: Request) -> (Request, Arc<AtomicU64>) {
    let count = Arc::new(AtomicU64::new(0));
    let bytes = Arc::clone(&count);
    let counted = request.map(|body| match body {
        Body::Empty => Body::Empty,
        body => Body::new(Counted { body, bytes }),
    });
    (counted, count)
}

/// The length of a body that is not sent, since only the header was asked for; Caddy counts it all the same.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unsent {
    pub(crate) length: u64,
    /// Whether the header said so before, which Caddy logs.
    pub(crate) is_declared: bool,
}

/// Writes a request down when the body of its answer has ended.
pub(crate) fn recorded(
    response: Response,
    record: Box<dyn Record>,
    context: Context,
    bytes_read: Arc<AtomicU64>,
) -> Response {
    let mut headers = response.headers().clone();
    let unsent = response.extensions().get::<Unsent>();
    if unsent.is_some_and(|unsent| !unsent.is_declared) {
        headers.remove(header::CONTENT_LENGTH);
    }
    let is_unhandled = response.extensions().get::<Unhandled>().is_some();
    let pending = Pending {
        status: (!is_unhandled).then_some(response.status()),
        is_unhandled,
        headers,
        record: Some(record),
        context,
        bytes_read,
        size: unsent.map_or(0, |unsent| unsent.length),
    };
    response.map(|body| Body::new(Recorded { body, pending }))
}

/// Writes down a request that got no answer.
pub(crate) fn aborted(record: Box<dyn Record>, context: Context, bytes_read: &AtomicU64) {
    let headers = context.notes().response_headers().clone();
    record.end(End {
        context,
        status: None,
        is_unhandled: false,
        headers,
        bytes_read: bytes_read.load(Ordering::Relaxed),
        size: 0,
    });
}

struct Counted {
    body: Body,
    bytes: Arc<AtomicU64>,
}

impl HttpBody for Counted {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.bytes.fetch_add(data.len() as u64, Ordering::Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

struct Recorded {
    body: Body,
    pending: Pending,
}

/// Told when it is dropped, so that an answer that breaks off is written down too.
struct Pending {
    record: Option<Box<dyn Record>>,
    context: Context,
    status: Option<StatusCode>,
    is_unhandled: bool,
    headers: HeaderMap,
    bytes_read: Arc<AtomicU64>,
    size: u64,
}

impl Drop for Pending {
    fn drop(&mut self) {
        let Some(record) = self.record.take() else {
            return;
        };
        record.end(End {
            context: self.context.clone(),
            status: self.status,
            is_unhandled: self.is_unhandled,
            headers: std::mem::take(&mut self.headers),
            bytes_read: self.bytes_read.load(Ordering::Relaxed),
            size: self.size,
        });
    }
}

impl HttpBody for Recorded {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.pending.size += data.len() as u64;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
