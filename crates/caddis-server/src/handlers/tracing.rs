//! `tracing`: tell a collector of every request, and everybody on its way which span it belongs to.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Poll, ready};

use bytes::Bytes;
use caddis_ir::{Path, Tracing};
use http::{HeaderMap, Method, Uri, Version, header};
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::builder::Builder;
use crate::placeholders::{Template, Values};
use crate::spans::{Attribute, Parent, Queue, Settings, Span, SpanId, TraceId, now, write};
use crate::{Body, BodyError, Context, Handle, Node, Request, Response, Result};

/// The name of spans that are not named.
const HANDLER: &str = "handler";

/// Prepares spans; what the environment says of them is read now.
pub(crate) fn build(config: &Tracing, at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    let variable = Arc::clone(&builder.environment.variable);
    let settings = match Settings::read(&|name| variable(name)) {
        Ok(settings) => settings,
        Err(fault) => {
            builder.error(at, fault);
            return next;
        }
    };
    let name = match config.span.as_str() {
        "" => HANDLER,
        name => name,
    };
    let attributes = config.span_attributes.iter();
    let attributes = attributes.map(|(name, value)| {
        let at = at.key("span_attributes").key(name);
        (name.clone(), builder.template(value, &at))
    });
    let attributes = attributes.collect();
    let handler = Traced {
        queue: builder.spans(&settings),
        name: builder.template(name, &at.key("span")),
        attributes,
        settings,
    };
    Node::handler(handler, next)
}

struct Traced {
    /// Nobody is told if `None`.
    queue: Option<Queue>,
    name: Template,
    attributes: Vec<(String, Template)>,
    settings: Settings,
}

/// The head of a request, for what is filled when there is an answer.
struct Asked {
    method: Method,
    uri: Uri,
    version: Version,
    headers: HeaderMap,
    context: Context,
}

impl Handle for Traced {
    async fn handle(&self, mut request: Request, next: &Node) -> Result<Response> {
        let (parent, own) = self.begin(&mut request);
        let queue = self.queue.as_ref().filter(|_| own.sampled);
        let Some(queue) = queue else {
            return next.run(request).await;
        };
        let mut ending = Ending {
            queue: queue.clone(),
            span: Some(Span {
                name: self.name.fill_text(&Values::of(&request)).into_owned(),
                context: own,
                parent,
                begun: now(),
                ended: 0,
                attributes: of_request(&request),
                failed: false,
            }),
            sent: 0,
        };
        let asked = (!self.attributes.is_empty()).then(|| Asked::of(&request));
        let answer = next.run(request).await;
        let headers = answer.as_ref().ok().map(Response::headers);
        if let Some(asked) = asked {
            ending.note(self.filled(&asked, headers));
        }
        match answer {
            Ok(response) => {
                ending.status(response.status().as_u16());
                Ok(watched(response, ending))
            }
            Err(error) => {
                match error.status {
                    Some(status) => ending.status(status.as_u16()),
                    None => ending.fail(),
                }
                Err(error)
            }
        }
    }
}

impl Traced {
    /// Begins a span, and says everywhere that the request belongs to it.
    fn begin(&self, request: &mut Request) -> (Option<SpanId>, Parent) {
        let propagates = self.settings.propagates;
        let parent = Some(&*request).filter(|_| propagates);
        let parent = parent.and_then(|request| Parent::read(request.headers()));
        let sampled = parent.as_ref().map(|parent| parent.sampled);
        let trace = (parent.as_ref()).map_or_else(TraceId::random, |parent| parent.trace);
        let from = parent.as_ref().map(|parent| parent.span);
        let own = Parent {
            trace,
            span: SpanId::random(),
            sampled: self.settings.sampler.takes(trace, sampled),
            state: parent.map_or_else(String::new, |parent| parent.state),
        };
        if propagates {
            write(request.headers_mut(), &own);
        }
        let (trace, span) = (own.trace.to_string(), own.span.to_string());
        let mut notes = Context::of(request).notes();
        notes.set_var("trace_id", trace.clone());
        notes.set_var("span_id", span.clone());
        let fields = [("traceID", trace), ("spanID", span)];
        let fields = fields.map(|(key, value)| (key.to_owned(), value.into()));
        notes.log_fields.extend(fields);
        drop(notes);
        (from, own)
    }

    /// The attributes that the config wants.
    fn filled(&self, asked: &Asked, answer: Option<&HeaderMap>) -> Vec<(String, Attribute)> {
        let rewritten = asked.context.notes().rewritten.clone();
        let values = Values {
            method: &asked.method,
            uri: rewritten.as_ref().unwrap_or(&asked.uri),
            version: asked.version,
            headers: &asked.headers,
            context: &asked.context,
            response: answer,
        };
        let attributes = self.attributes.iter();
        let filled = attributes.map(|(name, value)| {
            let value = value.fill_text(&values).into_owned();
            (name.clone(), Attribute::Text(value))
        });
        filled.collect()
    }
}

impl Asked {
    fn of(request: &Request) -> Self {
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            version: request.version(),
            headers: request.headers().clone(),
            context: Context::of(request).clone(),
        }
    }
}

/// What is said of every request, by the names that `OpenTelemetry` has agreed on.
fn of_request(request: &Request) -> Vec<(String, Attribute)> {
    let context = Context::of(request);
    let connection = context.connection();
    let text = |name: &str, value: String| (name.to_owned(), Attribute::Text(value));
    let scheme = if connection.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let (host, port) = host(context.host());
    let mut attributes = vec![
        text("http.request.method", request.method().to_string()),
        text("url.scheme", scheme.into()),
        text("url.path", request.uri().path().into()),
        text("server.address", host.into()),
        text(
            "client.address",
            context.client_ip().to_canonical().to_string(),
        ),
        text(
            "network.protocol.version",
            version(request.version()).into(),
        ),
    ];
    let number = |name: &str, value: i64| (name.to_owned(), Attribute::Number(value));
    attributes.extend(port.map(|port| number("server.port", port.into())));
    attributes.extend(peer(connection.peer));
    let field = |name| {
        request
            .headers()
            .get(name)
            .and_then(|field| field.to_str().ok())
    };
    if let Some(agent) = field(header::USER_AGENT) {
        attributes.push(text("user_agent.original", agent.into()));
    }
    if let Some(length) = field(header::CONTENT_LENGTH).and_then(|length| length.parse().ok()) {
        attributes.push(number("http.request.body.size", length));
    }
    attributes
}

fn host(host: &str) -> (&str, Option<u16>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !name.ends_with(':') && port.parse::<u16>().is_ok() => {
            (name, port.parse().ok())
        }
        Some(_) | None => (host, None),
    }
}

fn peer(peer: SocketAddr) -> [(String, Attribute); 2] {
    let address = Attribute::Text(peer.ip().to_canonical().to_string());
    let port = Attribute::Number(peer.port().into());
    [
        ("network.peer.address".to_owned(), address),
        ("network.peer.port".to_owned(), port),
    ]
}

fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "0.9",
        Version::HTTP_10 => "1.0",
        Version::HTTP_2 => "2",
        Version::HTTP_3 => "3",
        _ => "1.1",
    }
}

/// Ends a span when it is dropped, so that an answer that breaks off is told of too.
struct Ending {
    queue: Queue,
    span: Option<Span>,
    /// The bytes of the answer's body.
    sent: u64,
}

impl Ending {
    fn note(&mut self, attributes: Vec<(String, Attribute)>) {
        if let Some(span) = &mut self.span {
            span.attributes.extend(attributes);
        }
    }

    fn status(&mut self, status: u16) {
        let name = "http.response.status_code".to_owned();
        self.note(vec![(name, Attribute::Number(status.into()))]);
        if status >= 500 {
            self.fail();
        }
    }

    fn fail(&mut self) {
        if let Some(span) = &mut self.span {
            span.failed = true;
        }
    }
}

impl Drop for Ending {
    fn drop(&mut self) {
        let Some(mut span) = self.span.take() else {
            return;
        };
        let size = Attribute::Number(i64::try_from(self.sent).unwrap_or(i64::MAX));
        let name = "http.response.body.size".to_owned();
        span.attributes.push((name, size));
        span.ended = now();
        self.queue.put(span);
    }
}

/// Ends the span with the body of the answer.
fn watched(response: Response, ending: Ending) -> Response {
    response.map(|body| match body {
        Body::Empty => Body::Empty,
        body => Body::new(Watched { body, ending }),
    })
}

struct Watched {
    body: Body,
    ending: Ending,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                self.ending.sent += length as u64;
            }
            Some(Err(_)) => self.ending.fail(),
            None => {}
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
