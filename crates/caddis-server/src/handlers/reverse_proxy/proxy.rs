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
use super::pass::Pass;
use super::transport::{Need, Transport};
use super::tunnel::Asked;
use super::upload::Upload;
use super::upstream::Address;
use super::upstreams::Upstreams;
use super::{ask, hop, ollama};
use crate::placeholders::Values;
use crate::{Body, Context, Handle, Node, Request, Response, Result};

/// Asks another server, and passes its answer on frame by frame, as the upstream sends it.
pub(super) struct ReverseProxy {
    pub(super) upstreams: Upstreams,
    pub(super) transport: Transport,
    pub(super) edits: Edits,
    /// Proxies whose forwarded headers are believed, beside the server's.
    pub(super) trusted: Box<[IpNet]>,
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
        let original = self.edits.keep(&head);
        let asked = self.prepare(&mut head, &body, original.as_ref(), &context, &upstream)?;
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
        note(&answer, began, &context);
        if let Some(host) = foreign {
            ollama::look(answer.response.status(), &host, &upstream);
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
    ) -> Result<Option<Asked>> {
        let script = match &self.transport.cgi {
            None => None,
            Some(cgi) => Some(cgi.settings.script(&Values::of_head(head, context))?),
        };
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
        if let Some(script) = script {
            head.extensions.insert(script);
        }
        if let Some(version) = self.transport.announces {
            head.extensions
                .insert(version.announce(context.client_ip()));
        }
        Ok(asked)
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

/// Notes how the upstream answered.
fn note(answer: &Answer, began: Instant, context: &Context) {
    if let Some(facts) = &mut context.notes().proxied {
        facts.answer = Some(AnswerFacts {
            status: answer.response.status(),
            latency: began.elapsed(),
        });
    }
}
