//! `intercept`: look at answers on their way to the client, and answer in their place.

use caddis_ir::{Intercept, Path};
use http::StatusCode;
use http::response::Parts;
use http_body::Body as _;

use crate::builder::Builder;
use crate::handlers::response_handlers::{ResponseHandlers, Then};
use crate::handlers::reverse_proxy::sent;
use crate::node::Unhandled;
use crate::placeholders::Values;
use crate::{Body, Context, Handle, Node, Request, Response, Result};

struct Intercepting {
    handlers: ResponseHandlers,
}

/// Prepares it.
pub(crate) fn build(config: &Intercept, at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    let at = at.key("handle_response");
    let end = Node::unwritten();
    let handlers = ResponseHandlers::build(&config.handle_response, &at, builder, &end);
    Node::handler(Intercepting { handlers }, next)
}

impl Handle for Intercepting {
    async fn handle(&self, request: Request, next: &Node) -> Result<Response> {
        let context = Context::of(&request).clone();
        let (head, body) = request.into_parts();
        let mut kept = Request::from_parts(head.clone(), sent(&body));
        let mut response = next.run(Request::from_parts(head, body)).await?;
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            return Ok(response);
        }
        let found = self.handlers.find(response.status(), response.headers());
        let Some(then) = found else {
            return Ok(response);
        };
        // As in Caddy, the routes see the target that handlers in between gave the request.
        if let Some(uri) = context.notes().rewritten.clone() {
            *kept.uri_mut() = uri;
        }
        match then {
            Then::Status(status) => {
                *response.status_mut() = status.of(&Values::of(&kept))?;
                Ok(response)
            }
            Then::Routes(routes) => {
                let (head, body) = response.into_parts();
                note(&head, &context);
                *context.notes().response_headers() = head.headers;
                let answer = routes.run(kept).await?;
                Ok(merged(answer, head.status, body))
            }
        }
    }
}

fn note(head: &Parts, context: &Context) {
    let mut notes = context.notes();
    let seen = notes.seen.get_or_insert_default();
    seen.intercepted(head.status, &head.headers);
}

/// What the routes answered; status and body that they did not write are those of the answer before.
fn merged(mut answer: Response, status: StatusCode, body: Body) -> Response {
    if answer.extensions_mut().remove::<Unhandled>().is_some() {
        *answer.status_mut() = status;
    }
    if answer.body().is_end_stream() {
        *answer.body_mut() = body;
    }
    answer
}
