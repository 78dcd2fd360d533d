//! The time-outs of `request_body`: for what the client sends, and for the answer.

use std::fmt;
use std::pin::Pin;
use std::task::{self, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http_body::{Body as _, Frame, SizeHint};
use tokio::time::{Sleep, sleep};

use crate::{Body, BodyError, Edit, Handle, HandlerError, Node, Request, Response, Result};

/// The node, with time-outs for the request's body and for the answer before it.
pub(super) fn before(node: Node, read: Option<Duration>, write: Option<Duration>) -> Node {
    let mut node = node;
    if let Some(limit) = read {
        node = Node::edit(ReadTimeout(limit), node);
    }
    if let Some(limit) = write {
        node = Node::handler(WriteTimeout(limit), node);
    }
    node
}

struct ReadTimeout(Duration);

impl Edit for ReadTimeout {
    fn edit(&self, request: &mut Request) -> Result<()> {
        if !request.body().is_end_stream() {
            let body = std::mem::take(request.body_mut());
            *request.body_mut() = Body::new(Timed::new(body, sleep(self.0)));
        }
        Ok(())
    }
}

/// What does not come in time is not sent any more: the connection is closed, as in Caddy.
struct WriteTimeout(Duration);

impl Handle for WriteTimeout {
    async fn handle(&self, request: Request, next: &Node) -> Result<Response> {
        let mut deadline = Box::pin(sleep(self.0));
        let response = tokio::select! {
            response = next.run(request) => response?,
            () = deadline.as_mut() => return Err(HandlerError::abort()),
        };
        Ok(response.map(|body| {
            if body.is_end_stream() || matches!(body, Body::Full(_)) {
                return body;
            }
            Body::new(Timed { body, deadline })
        }))
    }
}

/// A body that must be there in time.
struct Timed {
    body: Body,
    deadline: Pin<Box<Sleep>>,
}

impl Timed {
    fn new(body: Body, deadline: Sleep) -> Self {
        Self {
            body,
            deadline: Box::pin(deadline),
        }
    }
}

impl http_body::Body for Timed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if self.deadline.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(TooSlow.into())));
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

/// A body that was not there in time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooSlow;

impl fmt::Display for TooSlow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body took longer than `request_body` allows")
    }
}

impl std::error::Error for TooSlow {}

impl From<TooSlow> for HandlerError {
    fn from(error: TooSlow) -> Self {
        Self::status(StatusCode::GATEWAY_TIMEOUT)
            .because(error)
            .closing()
    }
}

#[cfg(test)]
mod tests {
    use caddis_ir::{Handler, RequestBody, StaticResponse};

    use crate::testing::{route, serve_routes};
    use crate::{Body, Request};

    fn timed(body: RequestBody) -> crate::testing::Served {
        let answer = StaticResponse::default().body("{http.request.body}");
        let handlers = vec![Handler::RequestBody(body), answer.into()];
        serve_routes(vec![route(None, handlers)])
    }

    /// A body that never comes.
    fn silent() -> Request {
        let body = futures_util::stream::pending::<Result<_, crate::BodyError>>();
        http::Request::post("/")
            .header("Host", "a.test")
            .body(Body::new(http_body_util::StreamBody::new(body)))
            .unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_takes_too_long_is_answered_with_504() {
        let server = timed(RequestBody {
            read_timeout: Some(caddis_ir::Duration::seconds(1)),
            ..RequestBody::default()
        });
        assert_eq!(server.ask(silent()).await.unwrap().status, 504);
        assert_eq!(server.get("/").await.status, 200);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_takes_too_long_is_none() {
        let server = timed(RequestBody {
            write_timeout: Some(caddis_ir::Duration::seconds(1)),
            ..RequestBody::default()
        });
        assert!(server.ask(silent()).await.is_err());
        assert_eq!(server.get("/").await.status, 200);
    }
}
