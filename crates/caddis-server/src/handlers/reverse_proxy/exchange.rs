//! One request and its answer over a connection, a fresh one or one that waited.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::OptionFuture;
use http::{HeaderMap, HeaderName, Method, request};
use http_body::Body as _;
use hyper::client::conn::http2;
use tokio::sync::{Notify, OwnedSemaphorePermit, oneshot};

use super::announce::Announced;
use super::answer_body::AnswerBody;
use super::crowd::Crowd;
use super::failure::{Failure, Reason};
use super::fastcgi::{self, Cgi};
use super::http1::{self, Fault, Line, Reached, Rest, Switched};
use super::pool::{Lane, Reused};
use super::transport::{Connected, Need, Purpose, Transport};
use super::upload::Upload;
use super::upstream::Address;

type Request = http::Request<Upload>;

/// A connection that waited this long may have been closed by the upstream without our noticing yet.
const MAY_BE_STALE: Duration = Duration::from_secs(1);

/// An answer.
pub(super) struct Answer {
    pub(super) response: http::Response<AnswerBody>,
    /// The connection, if another protocol is spoken on it from now on.
    pub(super) switched: Option<Box<Switched>>,
}

/// Why there is no answer, with the request if nothing of it was sent.
pub(super) struct Unanswered {
    pub(super) failure: Failure,
    pub(super) unsent: Option<Box<Request>>,
}

impl From<Failure> for Unanswered {
    fn from(failure: Failure) -> Self {
        Self {
            failure,
            unsent: None,
        }
    }
}

/// Where a request goes.
#[derive(Clone, Copy)]
pub(super) struct Exchange<'a> {
    pub(super) transport: &'a Transport,
    pub(super) lane: &'a Arc<Lane>,
    pub(super) upstream: &'a Arc<Address>,
    pub(super) need: Need,
}

impl Exchange<'_> {
    /// Asks over a connection that is there, or else over a fresh one.
    ///
    /// A connection that the upstream closed meanwhile costs another attempt, on a fresh one, if nothing of the
    /// request was sent yet or if it may be sent twice, as Go's transport has it.
    pub(super) async fn ask(&self, mut request: Request) -> Result<Answer, Unanswered> {
        if let Some(cgi) = &self.transport.cgi {
            return Box::pin(self.ask_program(cgi, request)).await;
        }
        if let Some(crowd) = &self.transport.crowd {
            return Box::pin(self.ask_in_turn(crowd, request)).await;
        }
        if self.transport.may_share(self.need)
            && let Some(sender) = self.lane.shared()
        {
            match Box::pin(self.over_http2(sender, request)).await? {
                Attempt::Answered(answer) => return Ok(answer),
                Attempt::Stale(unsent) => request = unsent,
            }
        }
        if let Some(reused) = self.lane.take() {
            match self.over_reused(reused, request).await? {
                Attempt::Answered(answer) => return Ok(answer),
                Attempt::Stale(unsent) => request = unsent,
            }
        }
        // What is rare has a future of its own: it would be room that every request takes.
        Box::pin(self.ask_afresh(request, None)).await
    }

    async fn ask_program(&self, cgi: &Cgi, request: Request) -> Result<Answer, Unanswered> {
        match self.transport.open(self.upstream).await {
            Ok(stream) => (fastcgi::ask(cgi, stream, request).await)
                .map_err(|reason| self.failed(reason).into()),
            Err(reason) => Err(Unanswered {
                failure: self.failed(reason),
                unsent: Some(Box::new(request)),
            }),
        }
    }

    /// Asks over a connection that is there, or over a fresh one as soon as there may be another.
    async fn ask_in_turn(&self, crowd: &Crowd, mut request: Request) -> Result<Answer, Unanswered> {
        let host = crowd.of(self.upstream);
        let exchange = Exchange {
            lane: &host.lane,
            ..*self
        };
        let permit = loop {
            let mut returned = pin!(self.transport.keep.returned.as_ref().map(Notify::notified));
            if let Some(returned) = returned.as_mut().as_pin_mut() {
                // From here on none that returns is missed.
                returned.enable();
            }
            if self.transport.may_share(self.need)
                && let Some(sender) = host.lane.shared()
            {
                match exchange.over_http2(sender, request).await? {
                    Attempt::Answered(answer) => return Ok(answer),
                    Attempt::Stale(unsent) => request = unsent,
                }
            }
            if let Some(reused) = host.lane.take() {
                match exchange.over_reused(reused, request).await? {
                    Attempt::Answered(answer) => return Ok(answer),
                    Attempt::Stale(unsent) => request = unsent,
                }
            }
            tokio::select! {
                permit = Arc::clone(&host.free).acquire_owned() => break permit.ok(),
                Some(()) = OptionFuture::from(returned.as_mut().as_pin_mut()) => {}
            }
        };
        exchange.ask_afresh(request, permit).await
    }

    async fn ask_afresh(
        &self,
        mut request: Request,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<Answer, Unanswered> {
        let announced = request.extensions_mut().remove::<Announced>();
        let purpose = Purpose {
            announced: announced.as_ref().map(|Announced(bytes)| bytes.clone()),
            wanted: request.extensions_mut().remove(),
            permit,
        };
        let connected = self.transport.connect(self.upstream, self.need, purpose);
        let connected = match connected.await {
            Ok(connected) => connected,
            Err(failure) => {
                if let Some(announced) = announced {
                    request.extensions_mut().insert(announced);
                }
                return Err(Unanswered {
                    failure,
                    unsent: Some(Box::new(request)),
                });
            }
        };
        let attempt = match connected {
            Connected::Http1(line) => self.over_fresh(line, request).await?,
            Connected::Http2(sender) => {
                if self.transport.keep.reuse {
                    self.lane.share(sender.clone());
                }
                self.over_http2(sender, request).await?
            }
        };
        match attempt {
            Attempt::Answered(answer) => Ok(answer),
            Attempt::Stale(_) => Err(self.failed(Reason::Gone).into()),
        }
    }

    async fn over_reused(&self, mut reused: Reused, request: Request) -> Result<Attempt, Failure> {
        if reused.waited > MAY_BE_STALE {
            // Lets the runtime see what the upstream sent meanwhile: its end, perhaps.
            tokio::task::yield_now().await;
            if !reused.line.is_quiet() {
                return Ok(Attempt::Stale(request));
            }
        }
        let is_bodiless = request.body().is_end_stream();
        let (head, body, asked) = self.over_line(reused.line, request).await;
        match asked {
            Ok(answer) => Ok(Attempt::Answered(answer)),
            Err(unanswered) if may_repeat(&unanswered, &head, is_bodiless) => {
                Ok(Attempt::Stale(Request::from_parts(head, body)))
            }
            Err(unanswered) => Err(self.unanswered(unanswered.fault)),
        }
    }

    async fn over_fresh(&self, line: Box<Line>, request: Request) -> Result<Attempt, Failure> {
        let (_, _, asked) = self.over_line(line, request).await;
        let answer = asked.map_err(|unanswered| self.unanswered(unanswered.fault))?;
        Ok(Attempt::Answered(answer))
    }

    /// Asks over HTTP/1.1, and gives back the request with what is left of its body.
    async fn over_line(
        &self,
        line: Box<Line>,
        mut request: Request,
    ) -> (request::Parts, Upload, Result<Answer, http1::Unanswered>) {
        self.transport.make_fit(&mut request, self.upstream);
        let (mut head, mut body) = request.into_parts();
        let limits = self.transport.limits();
        let asked = http1::ask(line, self.lane, &mut head, &mut body, limits).await;
        let answer = asked.map(|answered| {
            let (body, switched) = match answered.rest {
                Rest::Whole(body) => (AnswerBody::Whole(body), None),
                Rest::Reading(body) => (AnswerBody::Http1(body), None),
                Rest::Switched(line) => (AnswerBody::Empty, Some(Box::new(line))),
            };
            Answer {
                response: http::Response::from_parts(answered.head, body),
                switched,
            }
        });
        (head, body, answer)
    }

    fn unanswered(&self, fault: Fault) -> Failure {
        self.failed(match fault {
            Fault::Upload(error) => Reason::Upload(error),
            Fault::TooLate => Reason::HeaderTimeout,
            fault => Reason::Http1(fault),
        })
    }

    async fn over_http2(
        &self,
        mut sender: http2::SendRequest<Upload>,
        request: Request,
    ) -> Result<Attempt, Failure> {
        let mut request = absolute(request, self.transport.tls(self.upstream).is_some());
        let sent = self.watch(&mut request);
        let mut failed = request.body_mut().watch_failure();
        let answer = sender.try_send_request(request);
        match (self.in_time(answer, sent).await?, failed.try_recv()) {
            (Ok(response), _) => Ok(Attempt::Answered(Answer {
                response: response.map(AnswerBody::Http2),
                switched: None,
            })),
            (Err(_), Ok(error)) => Err(self.failed(Reason::Upload(error))),
            (Err(mut error), Err(_)) => match error.take_message() {
                Some(unsent) => Ok(Attempt::Stale(unsent)),
                None => Err(self.failed(Reason::Exchange(error.into_error()))),
            },
        }
    }

    /// Becomes ready when the request has been sent, if anyone wants to know.
    fn watch(&self, request: &mut Request) -> Option<(Duration, oneshot::Receiver<()>)> {
        let limit = self.transport.header_timeout?;
        Some((limit, request.body_mut().watch()))
    }

    async fn in_time<T>(
        &self,
        answer: impl Future<Output = T>,
        sent: Option<(Duration, oneshot::Receiver<()>)>,
    ) -> Result<T, Failure> {
        let Some((limit, sent)) = sent else {
            return Ok(answer.await);
        };
        let too_late = async {
            // The sender is dropped when the body has been sent: that is the signal.
            let _ = sent.await;
            tokio::time::sleep(limit).await;
        };
        tokio::select! {
            biased;
            answer = answer => Ok(answer),
            () = too_late => Err(self.failed(Reason::HeaderTimeout)),
        }
    }

    fn failed(&self, reason: Reason) -> Failure {
        Failure::of(self.upstream, reason)
    }
}

enum Attempt {
    Answered(Answer),
    /// The connection was closed already; here is the request again.
    Stale(Request),
}

/// Whether a request may be sent another time: nothing of it was sent, or there is no answer and it has no body and a
/// method that is safe, or says so itself.
fn may_repeat(unanswered: &http1::Unanswered, head: &request::Parts, is_bodiless: bool) -> bool {
    let is_gone = match &unanswered.fault {
        Fault::Closed => true,
        Fault::Io(error) => error.kind() != std::io::ErrorKind::TimedOut,
        Fault::Malformed(_) | Fault::Upload(_) | Fault::TooLate => false,
    };
    match unanswered.reached {
        Reached::Nothing => is_gone,
        Reached::Sent => is_gone && is_bodiless && is_repeatable(&head.method, &head.headers),
        Reached::Heard => false,
    }
}

fn is_repeatable(method: &Method, headers: &HeaderMap) -> bool {
    let safe = [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE];
    let says_so = |name: &HeaderName| headers.contains_key(name);
    safe.contains(method) || says_so(&IDEMPOTENCY_KEY) || says_so(&X_IDEMPOTENCY_KEY)
}

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const X_IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("x-idempotency-key");

/// The request in HTTP/2's form: the host stands in the target, and the connection's own fields are gone.
fn absolute(mut request: Request, tls: bool) -> Request {
    use http::header::{HOST, TRANSFER_ENCODING};
    request.headers_mut().remove(TRANSFER_ENCODING);
    name_in_target(&mut request, tls);
    if request.headers_mut().remove(HOST).is_some() {
        *request.version_mut() = http::Version::HTTP_2;
    }
    request
}

/// Puts the host of a request into its target.
pub(super) fn name_in_target(request: &mut Request, tls: bool) {
    let Some(host) = request.headers().get(http::header::HOST) else {
        return;
    };
    let mut parts = request.uri().clone().into_parts();
    parts.scheme = Some(if tls {
        http::uri::Scheme::HTTPS
    } else {
        http::uri::Scheme::HTTP
    });
    parts.authority = http::uri::Authority::try_from(host.as_bytes()).ok();
    if let Ok(uri) = http::Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
}
