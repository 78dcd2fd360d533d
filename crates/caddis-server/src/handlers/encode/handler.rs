//! The handler itself: which answers are packed, and what becomes of their header.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::FutureExt;
use http::header::{
    ACCEPT_RANGES, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH,
    VARY,
};
use http::{HeaderName, StatusCode};
use http_body::{Body as _, Frame};
use http_body_util::BodyExt;

use super::accept;
use super::body::{AT_ONCE, Packed, Peeked, pack_whole};
use super::packer::Packers;
use crate::matchers::ResponseMatcher;
use crate::node::{Answer, Erased};
use crate::{Body, BodyError, Node, Request, Response};

/// Compresses answers for the clients that unpack them.
pub(super) struct Encode {
    pub(super) offers: Box<[Arc<Packers>]>,
    pub(super) names: Box<[&'static str]>,
    pub(super) preferred: Box<[&'static str]>,
    /// What an answer must be longer than; `None` if none is long enough but those to HEAD.
    pub(super) minimum: Option<u64>,
    pub(super) require: ResponseMatcher,
    pub(super) next: Node,
}

impl Erased for Encode {
    fn run(&self, mut request: Request) -> Answer<'_> {
        let headers = request.headers_mut();
        let chosen = accept::choose(headers, &self.names, &self.preferred);
        let chosen = chosen.filter(|_| accept::may_change(headers));
        let Some(packers) = chosen.and_then(|place| self.offers.get(place)) else {
            return self.next.answer(request);
        };
        forget_suffix(headers, packers.name());
        Answer::waiting(async move {
            let response = self.next.run(request).await?;
            Ok(self.encode(response, packers).await)
        })
    }
}

impl Encode {
    async fn encode(&self, mut response: Response, packers: &Arc<Packers>) -> Response {
        let status = response.status();
        if status == StatusCode::NOT_MODIFIED {
            vary(response.headers_mut());
        }
        let headers = response.headers();
        let is_encoded = !first(headers, &CONTENT_ENCODING).is_empty();
        let is_fit = !status.is_informational()
            && !is_encoded
            && accept::may_change(headers)
            && self.require.matches(status, headers);
        if !is_fit {
            return response;
        }
        let declared = std::str::from_utf8(first(headers, &CONTENT_LENGTH)).unwrap_or_default();
        let declared: Option<u64> = declared.parse().ok();
        let minimum = self.minimum.unwrap_or_default();
        let is_long = declared.is_some_and(|length| length > minimum || self.minimum.is_none());
        let is_bodiless = matches!(response.body(), Body::Empty);
        if declared.is_some() && !is_long || self.minimum.is_none() && !is_bodiless {
            return response;
        }
        let body = std::mem::take(response.body_mut());
        let (body, is_packed) = packed(body, is_long, minimum, packers).await;
        *response.body_mut() = body;
        if is_packed {
            describe(response.headers_mut(), packers.name());
        }
        response
    }
}

/// The body as it is sent, and whether it is packed. It is if it, or the first part of it, is long enough.
async fn packed(body: Body, is_long: bool, minimum: u64, packers: &Arc<Packers>) -> (Body, bool) {
    match body {
        Body::Empty => (Body::Empty, is_long),
        Body::Full(bytes) if is_long || longer(&bytes, minimum) => {
            pack(bytes, Body::Empty, packers)
        }
        body if is_long && !body.is_end_stream() => pack(Bytes::new(), body, packers),
        body if is_long || matches!(body, Body::Full(_)) => (body, is_long),
        mut body => {
            // As in Caddy, the header of an answer without a length waits for the first part of the body.
            let (first, end) = gather(&mut body, minimum).await;
            let rest = match end {
                Some(end) => peeked(end, body),
                None => body,
            };
            if longer(&first, minimum) {
                pack(first, rest, packers)
            } else if first.is_empty() {
                (rest, false)
            } else {
                (peeked(Ok(Frame::data(first)), rest), false)
            }
        }
    }
}

/// The first part of a body: what is there already comes as one, in however many chunks it was sent. Behind it may
/// stand what is no data.
async fn gather(body: &mut Body, minimum: u64) -> (Bytes, Option<Result<Frame<Bytes>, BodyError>>) {
    let mut gathered = BytesMut::new();
    let mut next = body.frame().await;
    loop {
        match next.map(|frame| frame.map(Frame::into_data)) {
            Some(Ok(Ok(data))) if gathered.is_empty() && longer(&data, minimum) => {
                return (data, None);
            }
            Some(Ok(Ok(data))) => gathered.extend_from_slice(&data),
            Some(Ok(Err(other))) => return (gathered.freeze(), Some(Ok(other))),
            Some(Err(error)) => return (gathered.freeze(), Some(Err(error))),
            None => {
                *body = Body::Empty;
                return (gathered.freeze(), None);
            }
        }
        if longer(&gathered, minimum) {
            return (gathered.freeze(), None);
        }
        // Lets the connection read on: a chunk that came with the one before is there then.
        tokio::task::yield_now().await;
        match body.frame().now_or_never() {
            Some(frame) => next = frame,
            None => return (gathered.freeze(), None),
        }
    }
}

fn peeked(first: Result<Frame<Bytes>, BodyError>, body: Body) -> Body {
    let first = Some(first);
    Body::new(Peeked { first, body })
}

fn longer(bytes: &[u8], minimum: u64) -> bool {
    u64::try_from(bytes.len()).is_ok_and(|length| length > minimum)
}

/// Packs a body; it stays as it is where no packer can be had.
fn pack(first: Bytes, rest: Body, packers: &Arc<Packers>) -> (Body, bool) {
    if first.len() <= AT_ONCE && matches!(rest, Body::Empty) {
        return match pack_whole(&first, packers) {
            Ok(whole) => (Body::Full(whole), true),
            Err(_) => (Body::Full(first), false),
        };
    }
    match packers.take() {
        Ok(packer) => {
            let body = Packed::new(first, rest, packer, Arc::clone(packers));
            (Body::new(body), true)
        }
        Err(_) => (peeked(Ok(Frame::data(first)), rest), false),
    }
}

/// Says what became of the body.
fn describe(headers: &mut HeaderMap, encoding: &'static str) {
    headers.remove(CONTENT_LENGTH);
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    vary(headers);
    headers.remove(ACCEPT_RANGES);
    // A strong one names these very bytes, and the packed ones are others (RFC 9110, 8.8.3.3).
    let etag = first(headers, &ETAG);
    if !etag.is_empty() && !etag.starts_with(b"W/") {
        let bare = etag.strip_suffix(b"\"").unwrap_or(etag);
        let etag = [bare, b"-", encoding.as_bytes(), b"\""].concat();
        if let Ok(etag) = HeaderValue::try_from(etag) {
            headers.insert(ETAG, etag);
        }
    }
}

/// Takes from the `If-None-Match` of a client what we added to it: whoever answers does not know of that.
fn forget_suffix(headers: &mut HeaderMap, encoding: &str) {
    let etag = first(headers, &IF_NONE_MATCH);
    if etag.starts_with(b"W/") {
        return;
    }
    let bare = etag.strip_suffix(b"\"");
    let bare = bare.and_then(|etag| etag.strip_suffix(encoding.as_bytes()));
    let bare = bare.and_then(|etag| etag.strip_suffix(b"-"));
    let Some(Ok(etag)) = bare.map(|etag| HeaderValue::try_from([etag, b"\""].concat())) else {
        return;
    };
    headers.insert(IF_NONE_MATCH, etag);
}

/// Says that the answer depends on what the client takes.
fn vary(headers: &mut HeaderMap) {
    let said = headers.get_all(VARY).into_iter().any(|value| {
        let mut names = value.as_bytes().split(|byte| *byte == b',');
        names.any(|name| name.trim_ascii().eq_ignore_ascii_case(b"accept-encoding"))
    });
    if !said {
        headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
    }
}

fn first<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a [u8] {
    headers.get(name).map_or(&[], HeaderValue::as_bytes)
}
