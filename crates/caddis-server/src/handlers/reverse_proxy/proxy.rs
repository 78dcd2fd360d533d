//! The handler itself: picks an upstream, asks it, and passes its answer on as it comes.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use http::header::{HOST, HeaderMap, HeaderValue};
use http::{Extensions, request};
use hyper::upgrade::OnUpgrade;
use ipnet::IpNet;

use super::edits::{Edits, Original};
use super::exchange::{Answer, Exchange, Unanswered};
use super::facts::{AnswerFacts, Facts};
use super::failure::Failure;
use super::handle_response::{Aside, Held, Responses};
use super::pass::Pass;
use super::pool::Lane;
use super::tls::Wanted;
use super::transport::{Need, Transport};
use super::tunnel::{Asked, Streams};
use super::upload::Upload;
use super::upstream::{Address, Busy};
use super::upstreams::Upstreams;
use super::{ask, hop, ollama};
use crate::placeholders::Values;
use crate::{Body, Context, Handle, Node, Request, Response, Result};

/// Asks another server, and passes its answer on frame by frame, as the upstream sends it.
pub(super) struct ReverseProxy {
    pub(super) upstreams: Upstreams,
    pub(super) transport: Arc<Transport>,
    pub(super) edits: Arc<Edits>,
    /// What is done with answers before they are passed on.
    pub(super) responses: Option<Responses>,
    /// Placeholders somewhere in the config read the header of answers.
    pub(super) reads_headers: bool,
    /// Proxies whose forwarded headers are believed, beside the server's.
    pub(super) trusted: Box<[IpNet]>,
    pub(super) streams: Streams,
}

/// Who is asked, and for whom.
pub(super) struct Asking<'a> {
    pub(super) upstream: Busy,
    pub(super) lane: Arc<Lane>,
    pub(super) context: &'a Context,
    pub(super) original: Option<&'a Original>,
}

impl Handle for ReverseProxy {
    async fn handle(&self, request: Request, _next: &Node) -> Result<Response> {
        let context = Context::of(&request).clone();
        let (upstream, lane) = self.upstreams.pick(&request, &context)?;
        let (mut head, body) = request.into_parts();
        let (aside, body) = self.set_aside(&head, body);
        let original = self.edits.keep(&head);
        let asking = Asking {
            upstream: Busy::new(upstream),
            lane,
            context: &context,
            original: original.as_ref(),
        };
        let asked = self.begin(&mut head, &context);
        self.dress(&mut head, &body, &asking);
        let request = http::Request::from_parts(head, Upload::new(body));
        let answer = self.ask(request, asked.as_ref(), &asking).await;
        let answer = answer.map_err(|unanswered| unanswered.failure)?;
        match aside {
            None => Ok(self.pass(answer, asked, asking)?),
            aside => Box::pin(self.finish(answer, asked, asking, aside)).await,
        }
    }
}

impl ReverseProxy {
    /// Keeps the request for the routes that handle answers, if there are any; the body is what the upstream gets.
    pub(super) fn set_aside(&self, head: &request::Parts, body: Body) -> (Option<Aside>, Body) {
        match &self.responses {
            None => (None, body),
            Some(responses) => {
                let (aside, body) = responses.set_aside(head, body);
                (Some(aside), body)
            }
        }
    }

    /// Makes the head fit for any upstream; returns the upgrade that it asks for.
    pub(super) fn begin(&self, head: &mut request::Parts, context: &Context) -> Option<Asked> {
        let script = (self.transport.cgi.as_ref())
            .and_then(|cgi| cgi.settings.script(&Values::of_head(head, context)));
        let client = head.extensions.remove::<OnUpgrade>();
        let asked = hop::upgrade(&head.headers)
            .filter(hop::may_be_passed_on)
            .zip(client)
            .map(|(protocol, client)| Asked { protocol, client });
        let trusted = context.is_trusted_proxy() || self.trusts(context.connection().peer.ip());
        let protocol = asked.as_ref().map(|asked| &asked.protocol);
        ask::prepare(head, context, trusted, protocol);
        head.extensions = Extensions::new();
        if let Some(script) = script {
            head.extensions.insert(script);
        }
        if let Some(version) = self.transport.announces {
            let announced = version.announce(context.client_ip());
            head.extensions.insert(announced);
        }
        asked
    }

    /// Makes the head fit for the upstream that is asked.
    pub(super) fn dress(&self, head: &mut request::Parts, body: &Body, asking: &Asking<'_>) {
        let Asking {
            upstream, context, ..
        } = asking;
        Facts::note(upstream, context);
        if let Some(tls) = &self.transport.tls {
            if let Some(name) = tls.named_by_request() {
                let name = name.fill(&Values::of_head(head, context));
                let name = String::from_utf8_lossy(&name).into_owned();
                head.extensions.insert(Wanted(name));
            }
            // Virtual hosts behind TLS are chosen by name, so Caddy gives them the one that it verifies.
            name_host(&mut head.headers, upstream);
        }
        if let Some(original) = asking.original {
            self.edits.up(&mut head.headers, original, context);
        }
        if !head.headers.contains_key(HOST) {
            name_host(&mut head.headers, upstream);
        }
        ask::frame(head, body);
    }

    /// Asks the upstream; returns its answer without its body.
    pub(super) async fn ask(
        &self,
        request: http::Request<Upload>,
        asked: Option<&Asked>,
        asking: &Asking<'_>,
    ) -> Result<Answer, Unanswered> {
        let Asking { upstream, lane, .. } = asking;
        let exchange = Exchange {
            transport: &self.transport,
            lane,
            upstream,
            need: asked.map_or(Need::Any, |_| Need::Http1),
        };
        let began = Instant::now();
        let foreign = ollama::foreign(request.headers().get(HOST), upstream);
        let answer = exchange.ask(request).await?;
        self.note(&answer, began, asking.context);
        if let Some(host) = foreign {
            ollama::look(answer.response.status(), &host, upstream);
        }
        Ok(answer)
    }

    /// Lets the routes answer that handle answers, or passes the answer on to the client.
    pub(super) async fn finish(
        &self,
        answer: Answer,
        asked: Option<Asked>,
        asking: Asking<'_>,
        aside: Option<Aside>,
    ) -> Result<Response> {
        let (Some(responses), Some(aside)) = (&self.responses, aside) else {
            return Ok(self.pass(answer, asked, asking)?);
        };
        let held = Held {
            answer,
            asked,
            edits: Arc::clone(&self.edits),
            original: asking.original.cloned(),
            upstream: asking.upstream,
            streams: self.streams.clone(),
        };
        responses.answer(held, aside, asking.context).await
    }

    /// Passes an answer on to the client.
    fn pass(
        &self,
        answer: Answer,
        asked: Option<Asked>,
        asking: Asking<'_>,
    ) -> Result<Response, Failure> {
        let pass = Pass {
            edits: &self.edits,
            original: asking.original,
            context: asking.context,
            upstream: asking.upstream,
            streams: &self.streams,
        };
        pass.on(answer, asked)
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
