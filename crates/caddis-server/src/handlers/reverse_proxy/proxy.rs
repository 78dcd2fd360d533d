//! The handler itself: picks an upstream, asks it, and passes its answer on as it comes.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use http::header::{HOST, HeaderMap, HeaderValue};
use http::{Extensions, request};
use hyper::upgrade::OnUpgrade;
use ipnet::IpNet;

use super::edits::{Edits, Original};
use super::exchange::{Answer, Exchange};
use super::facts::{AnswerFacts, Facts};
use super::handle_response::{Held, Responses};
use super::pass::Pass;
use super::transport::{Need, Transport};
use super::tunnel::Asked;
use super::upload::Upload;
use super::upstream::Address;
use super::upstreams::Upstreams;
use super::{ask, hop, ollama};
use crate::{Body, Context, Handle, Node, Request, Response, Result};

/// Asks another server, and passes its answer on frame by frame, as the upstream sends it.
pub(super) struct ReverseProxy {
    pub(super) upstreams: Upstreams,
    pub(super) transport: Transport,
    pub(super) edits: Arc<Edits>,
    /// What is done with answers before they are passed on.
    pub(super) responses: Option<Responses>,
    /// Placeholders somewhere in the config read the header of answers.
    pub(super) reads_headers: bool,
    /// Proxies whose forwarded headers are believed, beside the server's.
    pub(super) trusted: Box<[IpNet]>,
}

impl Handle for ReverseProxy {
    async fn handle(&self, request: Request, _next: &Node) -> Result<Response> {
        let context = Context::of(&request).clone();
        let (upstream, lane) = self.upstreams.pick(&request, &context)?;
        Facts::note(&upstream, &context);
        let (mut head, body) = request.into_parts();
        let (aside, body) = match &self.responses {
            None => (None, body),
            Some(responses) => {
                let (aside, body) = responses.set_aside(&head, body);
                (Some((responses, aside)), body)
            }
        };
        let original = self.edits.keep(&head);
        let asked = self.prepare(&mut head, &body, original.as_ref(), &context, &upstream);
        let exchange = Exchange {
            transport: &self.transport,
            lane: &lane,
            upstream: &upstream,
            need: asked.as_ref().map_or(Need::Any, |_| Need::Http1),
        };
        let began = Instant::now();
        let foreign = ollama::foreign(head.headers.get(HOST), &upstream);
        let request = http::Request::from_parts(head, Upload::new(body));
        let answer = exchange.ask(request).await?;
        self.note(&answer, began, &context);
        if let Some(host) = foreign {
            ollama::look(answer.response.status(), &host, &upstream);
        }
        if let Some((responses, aside)) = aside {
            let held = Held {
                answer,
                asked,
                edits: Arc::clone(&self.edits),
                original,
                upstream,
            };
            return Box::pin(responses.answer(held, aside, &context)).await;
        }
        let pass = Pass {
            edits: &self.edits,
            original: original.as_ref(),
            context: &context,
            upstream,
        };
        Ok(pass.on(answer, asked)?)
    }
}

impl ReverseProxy {
    /// Makes the head fit for the upstream; returns the upgrade that it asks for.
    fn prepare(
        &self,
        head: &mut request::Parts,
        body: &Body,
        original: Option<&Original>,
        context: &Context,
        upstream: &Address,
    ) -> Option<Asked> {
        let client = head.extensions.remove::<OnUpgrade>();
        let asked = hop::upgrade(&head.headers)
            .zip(client)
            .map(|(protocol, client)| Asked { protocol, client });
        let trusted = context.is_trusted_proxy() || self.trusts(context.connection().peer.ip());
        let protocol = asked.as_ref().map(|asked| &asked.protocol);
        ask::prepare(head, context, trusted, protocol);
        if self.transport.tls.is_some() {
            // Virtual hosts behind TLS are chosen by name, so Caddy gives them the one that it verifies.
            name_host(&mut head.headers, upstream);
        }
        if let Some(original) = original {
            self.edits.up(&mut head.headers, original, context);
        }
        if !head.headers.contains_key(HOST) {
            name_host(&mut head.headers, upstream);
        }
        ask::frame(head, body);
        head.extensions = Extensions::new();
        asked
    }

    /// Notes how the upstream answered.
    fn note(&self, answer: &Answer, began: Instant, context: &Context) {
        let mut notes = context.notes();
        if let Some(facts) = &mut notes.proxied {
            facts.answer = Some(AnswerFacts {
                status: answer.response.status(),
                reason: answer.response.extensions().get().cloned(),
                latency: began.elapsed(),
            });
        }
        if self.reads_headers {
            let seen = notes.seen.get_or_insert_default();
            seen.proxied(answer.response.headers());
        }
    }

    fn trusts(&self, peer: IpAddr) -> bool {
        let peer = peer.to_canonical();
        self.trusted.iter().any(|proxies| proxies.contains(&peer))
    }
}

fn name_host(headers: &mut HeaderMap, upstream: &Address) {
    if let Ok(host) = HeaderValue::from_str(&upstream.hostport) {
        headers.insert(HOST, host);
    }
}
