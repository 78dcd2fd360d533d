//! The request as the upstream gets it: its head made anew from what the client sent.

use std::io::Write as _;
use std::net::IpAddr;

use bytes::BytesMut;
use http::header::{CONNECTION, CONTENT_LENGTH, COOKIE, HOST, TE, TRANSFER_ENCODING, UPGRADE, VIA};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Version, request};
use http_body::Body as _;

use super::hop;
use crate::{Body, Context};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Makes the head of a client's request fit for an upstream.
///
/// `trusted` says that the client is a proxy whose forwarded headers are believed; `upgrade` is the protocol that it
/// asks to change to.
pub(super) fn prepare(
    head: &mut request::Parts,
    context: &Context,
    trusted: bool,
    upgrade: Option<&HeaderValue>,
) {
    let wants_trailers = hop::reads_trailers(&head.headers);
    hop::remove(&mut head.headers);
    if wants_trailers {
        head.headers
            .insert(TE, HeaderValue::from_static("trailers"));
    }
    if let Some(protocol) = upgrade {
        ask_for_upgrade(&mut head.headers, protocol.clone());
    }
    if head.version == Version::HTTP_2 {
        join_cookies(&mut head.headers);
    }
    forward(&mut head.headers, context, trusted);
    head.headers.append(VIA, via(head.version));
    head.version = Version::HTTP_11;
}

fn ask_for_upgrade(headers: &mut HeaderMap, protocol: HeaderValue) {
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, protocol);
}

/// Says how long the body is: by its length or in chunks, never both, whatever the client and the config say.
pub(super) fn frame(head: &mut request::Parts, body: &Body) {
    head.headers.remove(CONTENT_LENGTH);
    head.headers.remove(TRANSFER_ENCODING);
    if body.is_end_stream() {
        // Go says so for these methods alone, where a server might wait for a body.
        if [Method::POST, Method::PUT, Method::PATCH].contains(&head.method) {
            head.headers
                .insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
    } else if let Some(length) = body.size_hint().exact() {
        head.headers.insert(CONTENT_LENGTH, length.into());
    } else {
        head.headers
            .insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
    if !head.headers.contains_key(TRANSFER_ENCODING) {
        hop::forget_trailers(&mut head.headers);
    }
}

/// HTTP/2 clients may send cookies one by one; HTTP/1.1 has one field for them (RFC 9113, 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let mut cookies = headers.get_all(COOKIE).iter();
    let (Some(first), Some(second)) = (cookies.next(), cookies.next()) else {
        return;
    };
    let mut joined = BytesMut::from(first.as_bytes());
    for cookie in std::iter::once(second).chain(cookies) {
        joined.extend_from_slice(b"; ");
        joined.extend_from_slice(cookie.as_bytes());
    }
    if let Ok(joined) = HeaderValue::from_maybe_shared(joined.freeze()) {
        headers.insert(COOKIE, joined);
    }
}

/// Says who asks, for which host and how. What a client says of that itself is dropped unless it is trusted.
fn forward(headers: &mut HeaderMap, context: &Context, trusted: bool) {
    let connection = context.connection();
    let peer = connection.peer.ip().to_canonical();
    if peer.is_unspecified() {
        // A unix socket has no address to tell, and whoever is behind it could say anything.
        for name in [X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO] {
            headers.remove(name);
        }
        return;
    }
    let chain = if trusted {
        chained(headers, peer)
    } else {
        None
    };
    let chain = chain.or_else(|| text_of(peer));
    if let Some(chain) = chain {
        headers.insert(X_FORWARDED_FOR, chain);
    }
    if !(trusted && said(headers, &X_FORWARDED_PROTO)) {
        let scheme = if connection.tls.is_some() {
            "https"
        } else {
            "http"
        };
        headers.insert(X_FORWARDED_PROTO, HeaderValue::from_static(scheme));
    }
    if !(trusted && said(headers, &X_FORWARDED_HOST))
        && let Some(host) = headers.get(HOST).cloned()
    {
        headers.insert(X_FORWARDED_HOST, host);
    }
}

/// An address as text, written where it costs nothing.
fn text_of(address: IpAddr) -> Option<HeaderValue> {
    const LONGEST: usize = "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255".len();
    let mut text = [0; LONGEST];
    let mut rest = &mut text[..];
    write!(rest, "{address}").ok()?;
    let length = LONGEST - rest.len();
    HeaderValue::from_bytes(&text[..length]).ok()
}

/// The addresses that a trusted proxy names, and its own after them.
fn chained(headers: &HeaderMap, peer: IpAddr) -> Option<HeaderValue> {
    let mut chain = Vec::new();
    for earlier in headers.get_all(X_FORWARDED_FOR) {
        chain.extend_from_slice(earlier.as_bytes());
        chain.extend_from_slice(b", ");
    }
    chain.extend_from_slice(peer.to_string().as_bytes());
    HeaderValue::try_from(chain).ok()
}

fn said(headers: &HeaderMap, name: &HeaderName) -> bool {
    headers.get(name).is_some_and(|value| !value.is_empty())
}

/// The `Via` field of a message that came in with this version.
pub(super) fn via(version: Version) -> HeaderValue {
    HeaderValue::from_static(match version {
        // What Go has for an answer that did not come over HTTP.
        Version::HTTP_09 => "0.0 caddis",
        Version::HTTP_10 => "1.0 caddis",
        Version::HTTP_2 => "2.0 caddis",
        _ => "1.1 caddis",
    })
}

#[cfg(test)]
mod tests {
    use http::header::{COOKIE, HeaderMap, HeaderValue};

    use super::join_cookies;

    #[test]
    fn cookies_that_came_one_by_one_go_up_in_one_field() {
        let mut headers = HeaderMap::new();
        for cookie in ["a=1", "b=2", "c=3"] {
            headers.append(COOKIE, HeaderValue::from_static(cookie));
        }
        join_cookies(&mut headers);
        let joined: Vec<_> = headers.get_all(COOKIE).iter().collect();
        assert_eq!(joined, ["a=1; b=2; c=3"]);
    }
}
