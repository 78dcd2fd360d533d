//! `request_body`: a limit on what a client sends, or another body in its place.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{self, Poll};

use bytes::{Buf, Bytes};
use caddis_ir::Path;
use http::header::{CONTENT_LENGTH, HeaderValue, TRANSFER_ENCODING};
use http::{HeaderMap, StatusCode};
use http_body::{Body as _, Frame, SizeHint};
use tracing::warn;

use super::request_body_times;
use crate::builder::Builder;
use crate::placeholders::{Template, Values};
use crate::seldom::Seldom;
use crate::{Body, BodyError, Edit, HandlerError, Node, Request, Result};

/// Prepares the limit.
pub(crate) fn build(
    config: &caddis_ir::RequestBody,
    at: &Path,
    builder: &mut Builder<'_>,
    next: Node,
) -> Node {
    let duration = |given: Option<caddis_ir::Duration>| {
        let given = given.filter(|given| given.0 > 0);
        given.map(caddis_ir::Duration::to_std)
    };
    let (read, write) = (
        duration(config.read_timeout),
        duration(config.write_timeout),
    );
    let next = request_body_times::before(next, read, write);
    let set = (!config.set.is_empty()).then(|| builder.template(&config.set, &at.key("set")));
    let max_size = config.max_size.filter(|limit| *limit > 0);
    if max_size.is_none() && set.is_none() {
        return next;
    }
    let limit = max_size.map(|bytes| {
        let at = at.key("max_size");
        Arc::new(Limit {
            bytes,
            place: builder.place(&at),
            told: Seldom::default(),
        })
    });
    Node::edit(RequestBody { limit, set }, next)
}

/// A limit on what a client sends, or another body in its place.
struct RequestBody {
    limit: Option<Arc<Limit>>,
    set: Option<Template>,
}

/// How much a client may send.
#[derive(Debug)]
struct Limit {
    bytes: u64,
    /// Where the config says so.
    place: String,
    told: Seldom,
}

impl Edit for RequestBody {
    fn edit(&self, request: &mut Request) -> Result<()> {
        if let Some(template) = &self.set {
            let body = template.fill(&Values::of(request)).into_owned();
            let length = HeaderValue::from(body.len());
            *request.body_mut() = Bytes::from(body).into();
            frame(request.headers_mut(), length);
        }
        match &self.limit {
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
fn limit_body(request: &mut Request, limit: &Arc<Limit>) -> Result<()> {
    let size = request.body().size_hint();
    if size.lower() > limit.bytes {
        return Err(TooLarge::told(limit).into());
    }
    if size.upper().is_none_or(|most| most > limit.bytes) {
        let body = std::mem::take(request.body_mut());
        *request.body_mut() = Body::new(Limited {
            body,
            left: limit.bytes,
            limit: Arc::clone(limit),
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
    limit: Arc<Limit>,
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
                self.body = Body::Empty;
                return Poll::Ready(Some(Err(TooLarge::told(&self.limit).into())));
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
#[derive(Clone, Debug)]
pub(crate) struct TooLarge(Arc<Limit>);

impl TooLarge {
    /// Caddy says this at debug level only, which leaves a user alone with the status.
    fn told(limit: &Arc<Limit>) -> Self {
        let error = Self(Arc::clone(limit));
        if limit.told.is_due() {
            warn!(
                target: "http.handlers.request_body",
                max_size = limit.bytes,
                place = limit.place,
                "{error}; more of these within a minute are not logged"
            );
        }
        error
    }
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "http: request body too large: `max_size` allows {} bytes ({})",
            self.0.bytes, self.0.place
        )
    }
}

impl std::error::Error for TooLarge {}

impl From<TooLarge> for HandlerError {
    fn from(error: TooLarge) -> Self {
        Self::status(StatusCode::PAYLOAD_TOO_LARGE).because(error)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use caddis_ir::{Handler, RequestBody, Server, StaticResponse};

    use crate::testing::{Log, environment, logging_to, route, serve_in};
    use crate::{Body, Environment, Request};

    fn upload(bytes: usize) -> Request {
        http::Request::post("/")
            .header("Host", "a.test")
            .body(Body::from("x".repeat(bytes)))
            .unwrap()
    }

    #[tokio::test]
    async fn who_sends_too_much_is_refused_and_the_log_says_once_where_the_limit_is() {
        let log = Log::default();
        let _logging = logging_to(&log);
        let limit = RequestBody {
            max_size: Some(5),
            ..RequestBody::default()
        };
        let server = Server {
            routes: vec![route(
                None,
                vec![
                    Handler::RequestBody(limit),
                    StaticResponse::default().body("ok").into(),
                ],
            )],
            ..Server::default()
        };
        let environment = Environment {
            place: Some(Arc::new(|path| Some(format!("Caddyfile:3 is {path}")))),
            ..environment()
        };
        let server = serve_in(server, &environment).ok().unwrap();
        for (bytes, status) in [(5, 200), (6, 413), (7, 413)] {
            let answer = server.ask(upload(bytes)).await.unwrap();
            assert_eq!(answer.status, status, "{bytes}");
        }
        let at = "Caddyfile:3 is apps/http/servers/srv0/routes/0/handle/0/max_size";
        let said = format!("`max_size` allows 5 bytes ({at})");
        assert_eq!(log.text().matches(&said).count(), 1, "{}", log.text());
    }
}
