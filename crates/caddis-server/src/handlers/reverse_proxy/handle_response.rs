//! `handle_response`: routes that answer in place of the upstream, and what they may take of its answer.

use std::sync::Arc;

use bytes::Bytes;
use caddis_ir::Path;
use http::{HeaderMap, StatusCode, request};
use http_body::{Body as HttpBody, Frame, SizeHint};
use parking_lot::Mutex;

use super::edits::{Edits, Original};
use super::exchange::Answer;
use super::failure::BodySent;
use super::pass::Pass;
use super::tunnel::{Asked, Streams};
use super::upstream::Busy;
use crate::builder::Builder;
use crate::handlers::response_handlers::{ResponseHandlers, Then};
use crate::placeholders::Values;
use crate::{Body, BodyError, Context, HandlerError, Node, Request, Response, Result};

/// What is done with the upstream's answers.
pub(super) struct Responses {
    handlers: ResponseHandlers,
    /// Upstreams are asked without the request's body, so that it is there for the routes.
    keeps_body: bool,
}

/// The request as the routes get it: as it came to the proxy, with the body if that was not sent.
pub(super) struct Aside {
    head: request::Parts,
    body: Body,
}

/// An answer that is not passed on yet.
pub(super) struct Held {
    pub(super) answer: Answer,
    pub(super) asked: Option<Asked>,
    pub(super) edits: Arc<Edits>,
    pub(super) original: Option<Original>,
    pub(super) upstream: Busy,
    pub(super) streams: Streams,
}

/// The answer that routes are at work on; whoever copies it takes it away.
#[derive(Clone)]
pub(crate) struct Handled(Arc<Mutex<Option<Held>>>);

impl Responses {
    /// Prepares the routes; `None` if there are none, so that they cost nothing.
    pub(super) fn build(
        config: &caddis_ir::ReverseProxy,
        at: &Path,
        builder: &mut Builder<'_>,
        next: &Node,
    ) -> Option<Self> {
        let handlers = &config.handle_response;
        if handlers.is_empty() {
            return None;
        }
        let method = config.rewrite.as_ref().map(|rewrite| &rewrite.method);
        let bodiless = |method: &String| method == "GET" || method == "HEAD";
        Some(Self {
            handlers: ResponseHandlers::build(handlers, &at.key("handle_response"), builder, next),
            keeps_body: method.is_some_and(bodiless),
        })
    }

    /// Sets a request aside for the routes; the body is what the upstream gets.
    pub(super) fn set_aside(&self, head: &request::Parts, body: Body) -> (Aside, Body) {
        let (kept, sent) = if self.keeps_body {
            (body, Body::Empty)
        } else {
            (sent(&body), body)
        };
        let head = head.clone();
        (Aside { head, body: kept }, sent)
    }

    /// What the client gets for an answer.
    pub(super) async fn answer(
        &self,
        mut held: Held,
        aside: Aside,
        context: &Context,
    ) -> Result<Response> {
        let response = &mut held.answer.response;
        match self.handlers.find(response.status(), response.headers()) {
            None => held.pass(context),
            Some(Then::Status(status)) => {
                *response.status_mut() = status.of(&aside.values(context))?;
                held.pass(context)
            }
            Some(Then::Routes(routes)) => {
                let handled = Handled(Arc::new(Mutex::new(Some(held))));
                let mut request = Request::from_parts(aside.head, aside.body);
                request.extensions_mut().insert(handled);
                routes.run(request).await
            }
        }
    }
}

impl Aside {
    fn values<'a>(&'a self, context: &'a Context) -> Values<'a> {
        Values {
            method: &self.head.method,
            uri: &self.head.uri,
            version: self.head.version,
            headers: &self.head.headers,
            context,
            response: None,
        }
    }
}

impl Held {
    fn pass(self, context: &Context) -> Result<Response> {
        let pass = Pass {
            edits: &self.edits,
            original: self.original.as_ref(),
            context,
            upstream: self.upstream,
            streams: &self.streams,
        };
        Ok(pass.on(self.answer, self.asked)?)
    }
}

impl Handled {
    /// The answer that a request's routes are at work on.
    pub(crate) fn of<'a>(request: &'a Request, who: &str) -> Result<&'a Self> {
        request.extensions().get().ok_or_else(|| {
            HandlerError::status(StatusCode::INTERNAL_SERVER_ERROR).because(format!(
                "cannot use '{who}' outside of reverse_proxy's handle_response routes"
            ))
        })
    }

    /// The answer as it would have been passed on, with another status if there is one.
    pub(crate) fn pass(&self, status: Option<StatusCode>, context: &Context) -> Result<Response> {
        let Some(mut held) = self.0.lock().take() else {
            let error = HandlerError::status(StatusCode::INTERNAL_SERVER_ERROR);
            return Err(error.because("the upstream's answer has been copied already"));
        };
        if let Some(status) = status {
            *held.answer.response.status_mut() = status;
        }
        held.pass(context)
    }

    /// Looks at the header of the answer.
    pub(crate) fn with_headers(&self, look: impl FnOnce(&HeaderMap)) {
        if let Some(held) = &*self.0.lock() {
            look(held.answer.response.headers());
        }
    }
}

/// A body that the upstream got: nobody can have it again, nor take it for an empty one.
struct Sent(SizeHint);

/// What is left of a body that an upstream got.
pub(crate) fn sent(body: &Body) -> Body {
    if body.is_end_stream() {
        return Body::Empty;
    }
    Body::new(Sent(body.size_hint()))
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<std::result::Result<Frame<Bytes>, BodyError>>> {
        std::task::Poll::Ready(Some(Err(Box::new(BodySent))))
    }

    fn size_hint(&self) -> SizeHint {
        self.0
    }
}
