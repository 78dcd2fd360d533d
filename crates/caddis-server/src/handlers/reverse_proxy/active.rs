//! Active health checks: upstreams are asked now and then whether they are well.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, request};
use http_body_util::{BodyExt, Limited};
use regex::Regex;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tracing::info;

use super::ask;
use super::exchange::{Answer, Exchange};
use super::member::Member;
use super::passive::is_status;
use super::pool::Lane;
use super::transport::{Need, Transport};
use super::upload::Upload;
use super::upstream::Address;
use crate::Body;

/// How many redirects are followed, as in Go.
const MAX_REDIRECTS: usize = 10;
/// How much of an answer's body is read if the config does not say.
const MAX_BODY: usize = 4 << 20;

/// How all upstreams of a proxy are asked.
pub(super) struct Active {
    pub(super) transport: Arc<Transport>,
    pub(super) method: Method,
    /// Path and query.
    pub(super) target: Uri,
    pub(super) redirects: Redirects,
    pub(super) interval: Duration,
    pub(super) timeout: Duration,
    /// Good answers that make it well again.
    pub(super) passes: i64,
    /// Bad answers that make it unwell.
    pub(super) fails: i64,
    /// How much of the body is read; not limited by the config if 0.
    pub(super) max_size: usize,
    /// The status of a good answer; 2xx if `None`.
    pub(super) status: Option<i64>,
    /// What the body of a good answer matches.
    pub(super) pattern: Option<Regex>,
}

/// What is done about redirects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Redirects {
    /// They are answers.
    Answers,
    /// They are followed.
    Followed,
}

/// The checks of one upstream.
pub(super) struct Check {
    pub(super) active: Arc<Active>,
    pub(super) member: Arc<Member>,
    /// Who is asked.
    pub(super) address: Arc<Address>,
    pub(super) host: HeaderValue,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    pub(super) lane: Arc<Lane>,
}

impl Check {
    /// Asks for as long as it is let.
    pub(super) async fn run(self) {
        let mut ticks = interval(self.active.interval);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        loop {
            ticks.tick().await;
            let found = timeout(self.active.timeout, self.ask()).await;
            let found = found.unwrap_or_else(|_| Err("the answer took too long".into()));
            self.tell(&found);
        }
    }

    /// Counts what was found; enough of it in favour or against changes what is thought of the upstream.
    fn tell(&self, found: &Result<(), String>) {
        let (state, active) = (&self.member.state, &self.active);
        let (count, enough) = match found {
            Ok(()) => (&state.passes, active.passes),
            Err(_) => (&state.fails, active.fails),
        };
        let is_enough = count.fetch_add(1, Relaxed) + 1 >= enough;
        let host = &*self.member.dial;
        if let Err(reason) = found {
            info!(target: "http.handlers.reverse_proxy.health_checker.active", host, %reason, "health check failed");
        }
        if is_enough && self.member.is_said_to_be_well(found.is_ok()) {
            state.passes.store(0, Relaxed);
            state.fails.store(0, Relaxed);
            let message = if found.is_ok() {
                "host is up"
            } else {
                "host is down"
            };
            info!(target: "http.handlers.reverse_proxy.health_checker.active", host, "{message}");
        }
    }

    /// Asks once; the error says what is wrong with the answer.
    async fn ask(&self) -> Result<(), String> {
        let mut question = Question {
            method: self.active.method.clone(),
            target: self.active.target.clone(),
            host: self.host.clone(),
            body: self.body.clone(),
        };
        let mut answer = self.send(&question).await?;
        for _ in 0..MAX_REDIRECTS {
            if self.active.redirects == Redirects::Answers || !question.follows(&answer)? {
                return self.judge(answer).await;
            }
            answer = self.send(&question).await?;
        }
        Err(format!("it redirects more than {MAX_REDIRECTS} times"))
    }

    async fn send(&self, question: &Question) -> Result<Answer, String> {
        let body = Body::from(question.body.clone());
        let mut head = self.head(question);
        ask::frame(&mut head, &body);
        let exchange = Exchange {
            transport: &self.active.transport,
            lane: &self.lane,
            upstream: &self.address,
            need: Need::Any,
        };
        let request = http::Request::from_parts(head, Upload::new(body));
        let answer = exchange.ask(request).await;
        answer.map_err(|unanswered| unanswered.failure.to_string())
    }

    fn head(&self, question: &Question) -> request::Parts {
        let (mut head, ()) = http::Request::new(()).into_parts();
        head.method = question.method.clone();
        head.uri = question.target.clone();
        head.headers
            .insert(USER_AGENT, HeaderValue::from_static("caddis"));
        head.headers.extend(self.headers.clone());
        head.headers.insert(HOST, question.host.clone());
        head
    }

    /// Whether an answer is good; the error says what is wrong with it.
    async fn judge(&self, answer: Answer) -> Result<(), String> {
        let status = answer.response.status();
        let is_expected = match self.active.status {
            Some(wanted) => is_status(status, wanted),
            None => status.is_success(),
        };
        if !is_expected {
            return Err(format!("its status is {}", status.as_u16()));
        }
        let Some(pattern) = &self.active.pattern else {
            return Ok(());
        };
        let body = self.read(answer).await?;
        if pattern.is_match(&String::from_utf8_lossy(&body)) {
            return Ok(());
        }
        Err("its body is not as expected".into())
    }

    /// The body, as far as it is read: the rest is cut off.
    async fn read(&self, answer: Answer) -> Result<Vec<u8>, String> {
        let most = match self.active.max_size {
            0 => MAX_BODY,
            most => most.min(MAX_BODY),
        };
        let mut body = Vec::new();
        let mut incoming = Limited::new(answer.response.into_body(), MAX_BODY);
        while body.len() < most {
            let Some(frame) = incoming.frame().await else {
                break;
            };
            let frame = frame.map_err(|error| format!("reading its body: {error}"))?;
            body.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
        }
        body.truncate(most);
        Ok(body)
    }
}

/// What an upstream is asked for.
struct Question {
    method: Method,
    target: Uri,
    host: HeaderValue,
    body: Bytes,
}

impl Question {
    /// Goes where an answer leads, if it does. It is always the same server that is asked, as in Caddy.
    fn follows(&mut self, answer: &Answer) -> Result<bool, String> {
        let status = answer.response.status();
        let turns_to_get = match status {
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => true,
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => false,
            _ => return Ok(false),
        };
        let Some(location) = answer.response.headers().get(LOCATION) else {
            return Ok(false);
        };
        let location = location.to_str().unwrap_or_default();
        let nowhere = || format!("it redirects to `{location}`, which is no place");
        let place: Uri = if location.starts_with('/') || location.contains("://") {
            location.parse().map_err(|_| nowhere())?
        } else {
            let folder = self
                .target
                .path()
                .rsplit_once('/')
                .map_or("", |(folder, _)| folder);
            format!("{folder}/{location}")
                .parse()
                .map_err(|_| nowhere())?
        };
        if let Some(authority) = place.authority() {
            self.host = HeaderValue::from_str(authority.as_str()).map_err(|_| nowhere())?;
        }
        let target = place.path_and_query().map_or("/", |target| target.as_str());
        self.target = target.parse().map_err(|_| nowhere())?;
        if turns_to_get {
            if self.method != Method::HEAD {
                self.method = Method::GET;
            }
            self.body.clear();
        }
        Ok(true)
    }
}
