//! The handler itself: picks an upstream, asks it, and passes its answer on as it comes.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use http::header::{HOST, HeaderValue, SERVER, VIA};
use http::{Extensions, HeaderMap, StatusCode, request, response};
use http_body::Body as _;
use hyper::upgrade::OnUpgrade;
use ipnet::IpNet;

use super::download::Download;
use super::exchange::{Answer, Exchange};
use super::facts::{AnswerFacts, Facts};
use super::failure::{Failure, Reason};
use super::transport::{Need, Transport};
use super::upload::Upload;
use super::upstream::Address;
use super::upstreams::Upstreams;
use super::{ask, hop, tunnel};
use crate::{Body, Context, Handle, Node, Request, Response, Result};

/// Asks another server, and passes its answer on frame by frame, as the upstream sends it.
pub(super) struct ReverseProxy {
    pub(super) upstreams: Upstreams,
    pub(super) transport: Transport,
    /// Proxies whose forwarded headers are believed, beside the server's.
    pub(super) trusted: Box<[IpNet]>,
}

/// The client's half of an upgrade that it asks for.
struct Asked {
    protocol: HeaderValue,
    client: OnUpgrade,
}

impl Handle for ReverseProxy {
    async fn handle(&self, request: Request, _next: &Node) -> Result<Response> {
        let context = Context::of(&request).clone();
        let (upstream, lane) = self.upstreams.pick(&request, &context)?;
        context.notes().proxied = Some(Facts {
            upstream: Arc::clone(&upstream),
            answer: None,
        });
        let (mut head, body) = request.into_parts();
        let asked = self.prepare(&mut head, &body, &context, &upstream);
        let exchange = Exchange {
            transport: &self.transport,
            lane: &lane,
            upstream: &upstream,
            need: if asked.is_some() {
                Need::Http1
            } else {
                Need::Any
            },
        };
        let request = http::Request::from_parts(head, Upload::new(body));
        let began = Instant::now();
        let answer = exchange.ask(request).await?;
        note(&answer, began, &context);
        Ok(pass_on(answer, upstream, asked, &context)?)
    }
}

impl ReverseProxy {
    /// Makes the head fit for the upstream.
    fn prepare(
        &self,
        head: &mut request::Parts,
        body: &Body,
        context: &Context,
        upstream: &Address,
    ) -> Option<Asked> {
        let client = head.extensions.remove::<OnUpgrade>();
        let asked = hop::upgrade(&head.headers)
            .zip(client)
            .map(|(protocol, client)| Asked { protocol, client });
        let trusted = context.is_trusted_proxy() || self.trusts(context.connection().peer.ip());
        let protocol = asked.as_ref().map(|asked| &asked.protocol);
        ask::prepare(head, body, context, trusted, protocol);
        // Virtual hosts behind TLS are chosen by name, so Caddy gives them the one that it verifies.
        if self.transport.tls.is_some()
            && let Ok(host) = HeaderValue::from_str(&upstream.hostport)
        {
            head.headers.insert(HOST, host);
        }
        head.extensions = Extensions::new();
        asked
    }

    fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.trusted.iter().any(|proxies| proxies.contains(&peer))
    }
}

/// Notes how the upstream answered.
fn note(answer: &Answer, began: Instant, context: &Context) {
    if let Some(facts) = &mut context.notes().proxied {
        facts.answer = Some(AnswerFacts {
            status: answer.response.status(),
            latency: began.elapsed(),
        });
    }
}

/// The upstream's answer as the client gets it.
fn pass_on(
    answer: Answer,
    upstream: Arc<Address>,
    asked: Option<Asked>,
    context: &Context,
) -> Result<Response, Failure> {
    let Answer { response, lease } = answer;
    let (mut head, body) = response.into_parts();
    if head.status == StatusCode::SWITCHING_PROTOCOLS {
        let up = head.extensions.remove::<OnUpgrade>();
        let headers = upgrade(&mut head, up, asked)
            .map_err(|why| Failure::of(&upstream, Reason::Upgrade(why)))?;
        lease.into_iter().for_each(super::pool::Lease::release);
        return Ok(respond(head, headers, Body::Empty, context));
    }
    let version = head.version;
    let mut headers = std::mem::take(&mut head.headers);
    hop::remove(&mut headers);
    if body.size_hint().exact().is_some() {
        hop::forget_trailers(&mut headers);
    }
    headers.append(VIA, ask::via(version));
    {
        let mut notes = context.notes();
        // Caddy takes its own name back: the answer is the upstream's.
        notes.response_headers.remove(SERVER);
        notes.is_from_upstream = true;
    }
    let body = if body.is_end_stream() {
        lease.into_iter().for_each(super::pool::Lease::give_back);
        Body::Empty
    } else {
        Body::Download(Download::new(body, lease, upstream))
    };
    Ok(respond(head, headers, body, context))
}

/// Begins to copy both ways, if the upstream changed to the protocol that was asked for.
fn upgrade(
    head: &mut response::Parts,
    upstream: Option<OnUpgrade>,
    asked: Option<Asked>,
) -> Result<HeaderMap, String> {
    tunnel::agreed(asked.as_ref().map(|asked| &asked.protocol), &head.headers)?;
    let (Some(upstream), Some(asked)) = (upstream, asked) else {
        return Err("the upstream changed the protocol on a connection that cannot".into());
    };
    let mut headers = std::mem::take(&mut head.headers);
    hop::remove(&mut headers);
    tunnel::confirm(&mut headers, asked.protocol);
    tunnel::open(asked.client, upstream);
    Ok(headers)
}

/// Adds the upstream's header to what handlers noted for the answer, as Caddy does.
fn respond(head: response::Parts, headers: HeaderMap, body: Body, context: &Context) -> Response {
    let mut response = context.response(body);
    *response.status_mut() = head.status;
    if response.headers().is_empty() {
        *response.headers_mut() = headers;
    } else {
        append(response.headers_mut(), headers);
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
