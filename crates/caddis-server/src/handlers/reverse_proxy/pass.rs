//! The answer as the client gets it: the upstream's, with what handlers noted for it.

use http::header::VIA;
use http::{HeaderMap, StatusCode, response};
use http_body::Body as _;

use super::edits::{Edits, Original};
use super::exchange::Answer;
use super::failure::{Failure, Reason};
use super::http1::Switched;
use super::tunnel::{self, Asked, Ends, Streams};
use super::upstream::Busy;
use super::{ask, hop};
use crate::{Body, Context, Response};

/// What is needed to pass an answer on.
pub(super) struct Pass<'a> {
    pub(super) edits: &'a Edits,
    pub(super) original: Option<&'a Original>,
    pub(super) context: &'a Context,
    pub(super) upstream: Busy,
    pub(super) streams: &'a Streams,
}

impl Pass<'_> {
    /// The upstream's answer as the client gets it.
    pub(super) fn on(self, answer: Answer, asked: Option<Asked>) -> Result<Response, Failure> {
        let Answer { response, switched } = answer;
        let (mut head, body) = response.into_parts();
        if head.status == StatusCode::SWITCHING_PROTOCOLS {
            let failed = |why| Failure::of(&self.upstream, Reason::Upgrade(why));
            let tunnel = upgrade(&mut head, asked, switched).map_err(failed)?;
            tunnel::open(tunnel, self.upstream, self.streams.clone());
            return Ok(respond(head, Body::Empty, self.context));
        }
        hop::remove(&mut head.headers);
        if body.size_hint().exact().is_some() {
            hop::forget_trailers(&mut head.headers);
        }
        if let Some(original) = self.original {
            self.edits
                .down(head.status, &mut head.headers, original, self.context);
        }
        head.headers.append(VIA, ask::via(head.version));
        // Caddy takes its own name back, whoever noted it: the answer is the upstream's.
        self.context.notes().forget_server();
        let body = if body.is_end_stream() {
            Body::Empty
        } else {
            body.on(self.upstream)
        };
        Ok(respond(head, body, self.context))
    }
}

/// Both ends of the tunnel, if the upstream changed to the protocol that was asked for.
fn upgrade(
    head: &mut response::Parts,
    asked: Option<Asked>,
    upstream: Option<Box<Switched>>,
) -> Result<Ends, String> {
    tunnel::agreed(asked.as_ref().map(|asked| &asked.protocol), &head.headers)?;
    let (Some(upstream), Some(asked)) = (upstream, asked) else {
        return Err("the upstream changed the protocol of a connection that cannot".into());
    };
    hop::remove(&mut head.headers);
    tunnel::confirm(&mut head.headers, asked.protocol);
    Ok(Ends {
        client: asked.client,
        upstream,
    })
}

/// Adds the upstream's header to what handlers noted for the answer, as Caddy does.
fn respond(head: response::Parts, body: Body, context: &Context) -> Response {
    let mut response = context.response(body);
    *response.status_mut() = head.status;
    if response.headers().is_empty() {
        *response.headers_mut() = head.headers;
    } else {
        append(response.headers_mut(), head.headers);
    }
    response
}

/// Adds fields, beside those of the same name.
fn append(to: &mut HeaderMap, from: HeaderMap) {
    let mut last = None;
    for (name, value) in from {
        last = name.or(last);
        if let Some(name) = &last {
            to.append(name, value);
        }
    }
}
