//! The handler where the config says more of its upstreams than their addresses: which one is asked, which are well,
//! and what is tried when one fails.

use std::sync::Arc;

use http::header::CONTENT_LENGTH;
use http::{StatusCode, request};
use tokio::time::Instant;
use tracing::error;

use super::buffer::Buffer;
use super::dynamic::{Members, Source};
use super::edits::Original;
use super::exchange::{Answer, Unanswered};
use super::failure::{Failure, Reason};
use super::handle_response::Aside;
use super::member::Member;
use super::passive::Passive;
use super::policy::Policy;
use super::proxy::{Asking, ReverseProxy};
use super::retries::{Retries, Tried};
use super::rewritten::Kept;
use super::tunnel::Asked;
use super::upload::Upload;
use super::upstream::Busy;
use super::verbose::Verbose;
use crate::placeholders::Values;
use crate::{Body, Context, Handle, HandlerError, Node, Request, Response, Result};

/// Asks one of several upstreams, and another one if that fails.
pub(super) struct Balanced {
    pub(super) proxy: ReverseProxy,
    pub(super) policy: Policy,
    pub(super) retries: Retries,
    pub(super) passive: Passive,
    pub(super) request_buffer: Buffer,
    pub(super) response_buffer: Buffer,
    /// Where upstreams are looked up, in place of those of the config.
    pub(super) dynamic: Option<Source>,
    /// Whether each part of an answer is logged.
    pub(super) is_verbose: bool,
    /// Whether the method that upstreams are asked by is one without body.
    pub(super) drops_body: bool,
}

/// A request on its way to one upstream after the other.
struct Journey<'a> {
    /// As it came.
    original: &'a Original,
    /// As upstreams get it, but for what depends on which one it is.
    head: request::Parts,
    /// `None` once it was sent, and cannot be sent again.
    body: Option<Body>,
    asked: Option<Asked>,
    aside: Option<Aside>,
    context: &'a Context,
}

impl Handle for Balanced {
    async fn handle(&self, request: Request, _next: &Node) -> Result<Response> {
        let context = Context::of(&request).clone();
        let (mut head, body) = request.into_parts();
        let (original, aside, body) = self.before(&mut head, body, &context);
        let body = self.request_buffer.fill(body).await;
        let body = body.map_err(|error| Failure::without_upstream(Reason::Upload(error)))?;
        let asked = self.proxy.begin(&mut head, &context);
        let mut journey = Journey {
            original: &original,
            head,
            body: Some(body),
            asked,
            aside,
            context: &context,
        };
        let response = self.travel(&mut journey).await?;
        self.buffered(response).await
    }
}

impl Balanced {
    /// Tries upstreams until one answers.
    async fn travel(&self, journey: &mut Journey<'_>) -> Result<Response> {
        let began = Instant::now();
        let mut retries = 0;
        let mut last = None;
        loop {
            let failure = match self.attempt(journey).await {
                Ok((answer, asking)) => {
                    let (asked, aside) = (journey.asked.take(), journey.aside.take());
                    let name = self.is_verbose.then(|| asking.upstream.hostport.clone());
                    let response = self.proxy.finish(answer, asked, asking, aside).await?;
                    return Ok(match name {
                        Some(upstream) => verbose(response, upstream),
                        None => response,
                    });
                }
                // Where nobody is left to be asked, what the last one said is said on.
                Err(failure) if failure.is_without_upstream() => last.take().unwrap_or(failure),
                Err(failure) => failure,
            };
            let tried = Tried {
                head: &journey.head,
                context: journey.context,
                began,
                retries,
            };
            let is_over = failure.is_final() || journey.body.is_none();
            if is_over || !self.retries.again(&tried, &failure).await {
                return Err(failure.into());
            }
            last = Some(failure);
            retries += 1;
        }
    }

    /// The request as it came, what is kept of it for routes that handle answers, and the body that goes up.
    fn before(
        &self,
        head: &mut request::Parts,
        body: Body,
        context: &Context,
    ) -> (Original, Option<Aside>, Body) {
        let kept = head.extensions.remove::<Kept>();
        let (original, (aside, body)) = match kept.and_then(|kept| kept.take(context)) {
            Some((before, body)) => (Original::of(&before), self.proxy.set_aside(&before, body)),
            None => (Original::of(head), self.proxy.set_aside(head, body)),
        };
        if !self.drops_body {
            return (original, aside, body);
        }
        head.headers.remove(CONTENT_LENGTH);
        (original, aside, Body::Empty)
    }

    /// The answer, once enough of its body was read.
    async fn buffered(&self, response: Response) -> Result<Response> {
        if self.response_buffer == Buffer::None {
            return Ok(response);
        }
        let (head, body) = response.into_parts();
        let body = self.response_buffer.fill(body).await;
        let body =
            body.map_err(|error| HandlerError::status(StatusCode::BAD_GATEWAY).because(error))?;
        Ok(Response::from_parts(head, body))
    }

    async fn attempt<'a>(
        &self,
        journey: &mut Journey<'a>,
    ) -> Result<(Answer, Asking<'a>), Failure> {
        let (context, original) = (journey.context, journey.original);
        let member = self.choose(&journey.head, original, context).await?;
        let values = original.values(context);
        let (upstream, lane) = member.locate(&values, context.connection().worker)?;
        let asking = Asking {
            upstream: Busy::new(upstream),
            lane,
            context,
            original: Some(journey.original),
        };
        let began = Instant::now();
        let asked = self.send(journey, &asking).await;
        let answer = asked.inspect_err(|failure| {
            if !failure.is_final() {
                self.passive.failed(&member.state);
            }
        })?;
        let status = answer.response.status();
        (self.passive).answered(&member.state, status, began.elapsed());
        Ok((answer, asking))
    }

    async fn choose(
        &self,
        head: &request::Parts,
        original: &Original,
        context: &Context,
    ) -> Result<Arc<Member>, Failure> {
        let pool = self.pool(original, context).await;
        let values = Values {
            method: &head.method,
            uri: &head.uri,
            version: head.version,
            headers: &head.headers,
            context,
            response: None,
        };
        let chosen = self.policy.choose(&pool, &values);
        chosen
            .cloned()
            .ok_or_else(|| Failure::without_upstream(Reason::NoUpstream))
    }

    /// The upstreams that one is chosen of.
    async fn pool(&self, original: &Original, context: &Context) -> Members {
        let fixed = || Arc::clone(&self.proxy.upstreams.0);
        let Some(source) = &self.dynamic else {
            return fixed();
        };
        let finding = source.find(&original.values(context));
        finding.await.unwrap_or_else(|error| {
            error!(
                target: "http.handlers.reverse_proxy",
                error,
                "upstreams cannot be looked up; those of the config are asked"
            );
            fixed()
        })
    }

    async fn send(
        &self,
        journey: &mut Journey<'_>,
        asking: &Asking<'_>,
    ) -> Result<Answer, Failure> {
        let body = journey.body.take().unwrap_or_default();
        let again = Again::of(&body);
        let mut head = copy(&journey.head);
        self.proxy.dress(&mut head, &body, asking);
        let request = http::Request::from_parts(head, Upload::new(body));
        let protocol = journey.asked.as_ref();
        let answer = self.proxy.ask(request, protocol, asking).await;
        answer.map_err(|Unanswered { failure, unsent }| {
            journey.body = match unsent {
                Some(unsent) => Some(unsent.into_body().into_inner()),
                None => again.body(),
            };
            failure
        })
    }
}

fn verbose(response: Response, upstream: Box<str>) -> Response {
    response.map(|body| Body::new(Verbose { body, upstream }))
}

/// A body that can be sent another time.
enum Again {
    Empty,
    Full(bytes::Bytes),
    Never,
}

impl Again {
    fn of(body: &Body) -> Self {
        match body {
            Body::Full(bytes) => Self::Full(bytes.clone()),
            body if http_body::Body::is_end_stream(body) => Self::Empty,
            Body::Empty | Body::Incoming(_) | Body::Download(_) | Body::Boxed(_) => Self::Never,
        }
    }

    fn body(self) -> Option<Body> {
        match self {
            Self::Empty => Some(Body::Empty),
            Self::Full(bytes) => Some(Body::Full(bytes)),
            Self::Never => None,
        }
    }
}

/// A head for another attempt.
fn copy(head: &request::Parts) -> request::Parts {
    let (mut copy, ()) = http::Request::new(()).into_parts();
    copy.method = head.method.clone();
    copy.uri = head.uri.clone();
    copy.version = head.version;
    copy.headers = head.headers.clone();
    copy.extensions = head.extensions.clone();
    copy
}
