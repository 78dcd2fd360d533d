//! A route whose requests are counted, to the last byte of their answers.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, ready};

use bytes::Bytes;
use http::Method;
use http_body::{Body as HttpBody, Frame, SizeHint};

use super::Metrics;
use super::meter::{Answering, Counting, Meter};
use crate::node::{Answer, Erased};
use crate::{Body, BodyError, Node, Request, Response, Result};

/// A route before which requests are counted; the route itself if nobody asks for that.
pub(crate) fn counted(metrics: &Metrics, server: &str, handler: &'static str, route: Node) -> Node {
    let Some(http) = &metrics.http else {
        return route;
    };
    let meter = Meter::new(Arc::clone(http), server, handler);
    Node::erased(Counted {
        meter: Arc::new(meter),
        route,
    })
}

struct Counted {
    meter: Arc<Meter>,
    route: Node,
}

impl Erased for Counted {
    fn run(&self, request: Request) -> Answer<'_> {
        let counting = self.meter.begin(&request);
        let is_head = request.method() == Method::HEAD;
        match self.route.answer(request) {
            Answer::Ready(result) => {
                Answer::Ready(result.map(|result| count(counting, is_head, result)))
            }
            Answer::Waiting(answer) => {
                Answer::waiting(async move { count(counting, is_head, answer.await) })
            }
        }
    }
}

fn count(counting: Counting, is_head: bool, result: Result<Response>) -> Result<Response> {
    match result {
        Ok(response) => Ok(measured(
            counting.answered(response.status()),
            is_head,
            response,
        )),
        Err(error) => {
            // A connection that is closed without an answer is not counted, as in Caddy.
            if let Some(status) = error.status {
                counting.failed(status);
            }
            Err(error)
        }
    }
}

/// Counts an answer when it is sent; at once if all of it is there.
fn measured(mut answering: Answering, is_head: bool, response: Response) -> Response {
    let exact = response.body().size_hint().exact();
    match response.body() {
        Body::Empty | Body::Full(_) => answering.size = exact.unwrap_or_default(),
        Body::Incoming(_) | Body::Download(_) | Body::Boxed(_) if is_head => {
            answering.size = exact.unwrap_or_default();
        }
        Body::Incoming(_) | Body::Download(_) | Body::Boxed(_) => {
            return response.map(|body| Body::new(Measured { body, answering }));
        }
    }
    response
}

struct Measured {
    body: Body,
    answering: Answering,
}

impl HttpBody for Measured {
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
            self.answering.size += data.len() as u64;
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
