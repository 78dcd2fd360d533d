//! `request_body`: a limit on what a client sends, or another body in its place.

use std::fmt;
use std::pin::Pin;
use std::task::{self, Poll};

use bytes::{Buf, Bytes};
use caddis_ir::Path;
use http::header::{CONTENT_LENGTH, HeaderValue, TRANSFER_ENCODING};
use http::{HeaderMap, StatusCode};
use http_body::{Body as _, Frame, SizeHint};

use crate::build::Builder;
use crate::placeholders::{Template, Values};
use crate::{Body, BodyError, Edit, HandlerError, Node, Request, Result};

/// Prepares the limit.
pub(crate) fn build(
    config: &caddis_ir::RequestBody,
    at: &Path,
    builder: &mut Builder<'_>,
    next: Node,
) -> Node {
    let timeouts = [
        ("read_timeout", config.read_timeout.is_some()),
        ("write_timeout", config.write_timeout.is_some()),
    ];
    for (name, _) in timeouts.iter().filter(|(_, given)| *given) {
        let message = format!("caddis does not have `{name}` of `request_body` yet");
        builder.error(&at.key(*name), message);
    }
    let set = (!config.set.is_empty()).then(|| builder.template(&config.set, &at.key("set")));
    let max_size = config.max_size.filter(|limit| *limit > 0);
    if max_size.is_none() && set.is_none() {
        return next;
    }
    Node::edit(RequestBody { max_size, set }, next)
}

/// A limit on what a client sends, or another body in its place.
struct RequestBody {
    max_size: Option<u64>,
    set: Option<Template>,
}

impl Edit for RequestBody {
    fn edit(&self, request: &mut Request) -> Result<()> {
        if let Some(template) = &self.set {
            let body = template.fill(&Values::of(request)).into_owned();
            let length = HeaderValue::from(body.len());
            *request.body_mut() = Bytes::from(body).into();
            frame(request.headers_mut(), length);
        }
        match self.max_size {
            Some(limit) => limit_body(request, limit),
            None => Ok(()),
        }
    }
}

fn frame(headers: &mut HeaderMap, length: HeaderValue) {
    headers.remove(TRANSFER_ENCODING);
    headers.insert(CONTENT_LENGTH, length);
}

/// Refuses a body that says that it is too large, and watches over one that does not say.
fn limit_body(request: &mut Request, limit: u64) -> Result<()> {
    let size = request.body().size_hint();
    if size.lower() > limit {
        return Err(TooLarge { limit }.into());
    }
    if size.upper().is_none_or(|most| most > limit) {
        let body = std::mem::take(request.body_mut());
        *request.body_mut() = Body::new(Limited {
            body,
            left: limit,
            limit,
        });
    }
    Ok(())
}

/// A body that fails when it becomes too large.
///
/// It fails before the frame that crosses the limit is passed on, so that nobody takes the part for the whole.
struct Limited {
    body: Body,
    left: u64,
    limit: u64,
}

impl http_body::Body for Limited {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = Pin::new(&mut self.body).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &frame
            && let Some(data) = frame.data_ref()
        {
            let Some(left) = self.left.checked_sub(data.remaining() as u64) else {
                let limit = self.limit;
                self.body = Body::Empty;
                return Poll::Ready(Some(Err(TooLarge { limit }.into())));
            };
            self.left = left;
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A body that is larger than it may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooLarge {
    limit: u64,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "http: request body too large: `request_body` allows {} bytes",
            self.limit
        )
    }
}

impl std::error::Error for TooLarge {}

impl From<TooLarge> for HandlerError {
    fn from(error: TooLarge) -> Self {
        Self::status(StatusCode::PAYLOAD_TOO_LARGE).because(error)
    }
}
