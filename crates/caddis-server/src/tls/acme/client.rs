//! How instant-acme reaches ACME servers: over our own HTTP client, which gives what a server says no with a type,
//! and notes the header fields that instant-acme does not show.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HeaderName, LINK, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient, Problem};
use parking_lot::Mutex;
use rustls::ClientConfig;
use time::OffsetDateTime;

use crate::tls::web::{Silence, Web, is_loopback};

/// How long a server has to answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often a connection may be lost.
const LOST: u32 = 2;
/// The time between a connection that was lost and the next one.
const AGAIN: Duration = Duration::from_millis(250);
/// The most URLs of which something is noted at a time.
const NOTES: usize = 1_000;
/// The most other chains of a certificate.
const CHAINS: usize = 8;
/// What a server says that wants another nonce, which instant-acme sees to.
const BAD_NONCE: &str = "urn:ietf:params:acme:error:badNonce";

/// Reaches ACME servers.
#[derive(Clone, Debug)]
pub(super) struct Client {
    web: Web,
    heard: Arc<Mutex<HashMap<String, Heard>>>,
}

/// What a server said besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// How long to wait before the URL is looked at again.
    pub(super) wait: Option<Duration>,
    /// Where other chains of the certificate are.
    pub(super) alternates: Vec<String>,
    /// The whole answer, if it is listened to.
    pub(super) body: Option<Bytes>,
    listening: bool,
}

/// What an ACME server says no with.
#[derive(Clone, Debug)]
pub(super) struct No {
    pub(super) status: StatusCode,
    pub(super) problem: Option<Problem>,
    /// When it wants to be asked again.
    pub(super) again_at: Option<OffsetDateTime>,
}

impl Client {
    pub(super) fn new(tls: &Arc<ClientConfig>) -> Self {
        Self {
            web: Web::new(Arc::clone(tls), PATIENCE),
            heard: Arc::default(),
        }
    }

    /// What was said besides when a URL was asked the last time; once.
    pub(super) fn heard(&self, url: &str) -> Heard {
        self.heard.lock().remove(url).unwrap_or_default()
    }

    /// Takes down the whole answer when a URL is asked the next time.
    pub(super) fn listen(&self, url: &str) {
        let heard = Heard {
            listening: true,
            ..Heard::default()
        };
        self.heard.lock().insert(url.to_owned(), heard);
    }

    /// Asks, and again where a connection was lost.
    pub(super) async fn ask(&self, request: &Request<Bytes>) -> Result<Response<Bytes>, Silence> {
        let mut lost = 0;
        loop {
            match self.web.ask(request.clone()).await {
                Err(Silence::Lost(_)) if lost < LOST => {
                    lost += 1;
                    tokio::time::sleep(AGAIN).await;
                }
                ended => return ended,
            }
        }
    }

    async fn call(&self, request: Request<BodyWrapper<Bytes>>) -> Result<BytesResponse, Error> {
        let (parts, body) = request.into_parts();
        let body = match body.collect().await {
            Ok(body) => body.to_bytes(),
            Err(never) => match never {},
        };
        let mut request = Request::from_parts(parts, body);
        let agent = HeaderValue::from_static(concat!("caddis/", env!("CARGO_PKG_VERSION")));
        request.headers_mut().insert(USER_AGENT, agent);
        let encrypted = request.uri().scheme_str() == Some("https");
        if !encrypted && !request.uri().host().is_some_and(is_loopback) {
            let why = format!("`{}` is not encrypted: write `https://`", request.uri());
            return Err(Error::Other(Box::new(Silence::Address(why))));
        }
        let answer = self.ask(&request).await;
        let answer = answer.map_err(|silence| Error::Other(Box::new(silence)))?;
        if let Some(no) = No::of(&answer) {
            return Err(Error::Other(Box::new(no)));
        }
        self.note(&request.uri().to_string(), &answer);
        Ok(answer.map(Full::new).into())
    }

    fn note(&self, url: &str, answer: &Response<Bytes>) {
        let again_at = again_at(answer.headers());
        let wait = again_at.map(|at| at - OffsetDateTime::now_utc());
        let mut all = self.heard.lock();
        let listening = all.remove(url).is_some_and(|heard| heard.listening);
        let heard = Heard {
            wait: wait.and_then(|wait| Duration::try_from(wait).ok()),
            alternates: alternates(answer.headers()),
            body: listening.then(|| answer.body().clone()),
            listening: false,
        };
        if heard == Heard::default() {
            return;
        }
        if all.len() >= NOTES {
            all.clear();
        }
        all.insert(url.to_owned(), heard);
    }
}

impl HttpClient for Client {
    fn request(
        &self,
        request: Request<BodyWrapper<Bytes>>,
    ) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let client = self.clone();
        Box::pin(async move { client.call(request).await })
    }
}

impl No {
    /// What an answer says no with, if it does. A nonce that is not taken is for the layer above.
    fn of(answer: &Response<Bytes>) -> Option<Self> {
        let status = answer.status();
        if status.is_success() {
            return None;
        }
        let problem = serde_json::from_slice::<Problem>(answer.body()).ok();
        let kind = problem
            .as_ref()
            .and_then(|problem| problem.r#type.as_deref());
        if status == StatusCode::BAD_REQUEST && kind == Some(BAD_NONCE) {
            return None;
        }
        Some(Self {
            status,
            problem,
            again_at: again_at(answer.headers()),
        })
    }
}

impl fmt::Display for No {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}", self.status.as_u16())
    }
}

impl std::error::Error for No {}

/// When a server wants to be asked again: after so many seconds, or at a time.
fn again_at(fields: &HeaderMap) -> Option<OffsetDateTime> {
    let text = text(fields, &RETRY_AFTER)?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(OffsetDateTime::now_utc() + Duration::from_secs(seconds.into()));
    }
    httpdate::parse_http_date(text)
        .ok()
        .map(OffsetDateTime::from)
}

fn text<'a>(fields: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    fields.get(name)?.to_str().ok()
}

/// The URLs of `Link: <…>;rel="alternate"`.
fn alternates(fields: &HeaderMap) -> Vec<String> {
    let texts = fields.get_all(LINK).iter();
    let links = texts.filter_map(|text| text.to_str().ok());
    let links = links.flat_map(|text| text.split(",<"));
    let urls = links.filter_map(|link| {
        let (url, rest) = link.trim().trim_start_matches('<').split_once('>')?;
        let rest = rest.replace(['"', ' '], "");
        let is_one = rest.split(';').any(|part| part == "rel=alternate");
        is_one.then(|| url.to_owned())
    });
    urls.take(CHAINS).collect()
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::{HeaderMap, HeaderValue, Response};
    use time::macros::datetime;
    use time::{Duration, OffsetDateTime};

    use super::{No, again_at, alternates};

    fn fields(name: &'static str, values: &[&'static str]) -> HeaderMap {
        let mut fields = HeaderMap::new();
        for value in values {
            fields.append(name, HeaderValue::from_static(value));
        }
        fields
    }

    #[test]
    fn a_time_to_come_back_is_read_in_both_forms() {
        let at = again_at(&fields("retry-after", &["120"])).unwrap() - OffsetDateTime::now_utc();
        assert!((Duration::seconds(118)..=Duration::seconds(120)).contains(&at));
        let at = again_at(&fields("retry-after", &["Thu, 26 Nov 2026 07:30:00 GMT"]));
        assert_eq!(at, Some(datetime!(2026-11-26 07:30 UTC)));
        assert_eq!(again_at(&fields("retry-after", &["soon"])), None);
        assert_eq!(again_at(&fields("retry-after", &["-1"])), None);
    }

    #[test]
    fn other_chains_are_found() {
        let fields = fields(
            "link",
            &[
                "<https://ca.test/dir>;rel=\"index\"",
                "<https://ca.test/c/1>;rel=\"alternate\"",
                "<https://ca.test/c/2>; rel=alternate,<https://ca.test/up>;rel=\"up\"",
            ],
        );
        assert_eq!(
            alternates(&fields),
            ["https://ca.test/c/1", "https://ca.test/c/2"]
        );
    }

    #[test]
    fn a_nonce_that_is_not_taken_is_not_a_no() {
        let answer = |status: u16, body: &'static str| {
            let answer = Response::builder().status(status);
            No::of(&answer.body(Bytes::from_static(body.as_bytes())).unwrap())
        };
        assert!(answer(200, "").is_none());
        assert!(answer(400, "{\"type\":\"urn:ietf:params:acme:error:badNonce\"}").is_none());
        assert!(answer(503, "<html>").unwrap().problem.is_none());
        assert!(answer(403, "{\"type\":\"x\"}").unwrap().problem.is_some());
    }
}
