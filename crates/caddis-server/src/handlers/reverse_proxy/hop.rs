//! Header fields that are meant for one hop only, and never passed on.

use http::header::{CONNECTION, HeaderName, HeaderValue, TE, TRAILER, UPGRADE};
use http::{HeaderMap, header::HeaderMap as Map};

/// What Caddy drops both ways. `Trailer` stays: it says which trailers are passed on after the body.
const HOP_BY_HOP: [&str; 9] = [
    "alt-svc",
    "connection",
    "proxy-connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "transfer-encoding",
    "upgrade",
];

/// Takes away what is meant for one hop only, and what `Connection` names.
pub(super) fn remove(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        for name in named_by_connection(headers) {
            headers.remove(name);
        }
    }
    // Most messages have none of them: one pass over the names costs less than a search for each.
    let is_hop_by_hop = |name: &HeaderName| HOP_BY_HOP.contains(&name.as_str());
    if headers.keys().any(is_hop_by_hop) {
        for name in HOP_BY_HOP {
            headers.remove(name);
        }
    }
}

fn named_by_connection(headers: &Map) -> Vec<HeaderName> {
    tokens(headers, &CONNECTION)
        .filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok())
        .collect()
}

/// Whether one of the words of a field's values is this one.
pub(super) fn has_token(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    tokens(headers, name).any(|word| word.eq_ignore_ascii_case(token))
}

fn tokens<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .filter(|word| !word.is_empty())
}

/// The protocol that both `Connection` and `Upgrade` ask for, if any.
pub(super) fn upgrade(headers: &HeaderMap) -> Option<HeaderValue> {
    if !headers.contains_key(UPGRADE) || !has_token(headers, &CONNECTION, "upgrade") {
        return None;
    }
    headers.get(UPGRADE).cloned()
}

/// Whether a client may change to a protocol: in those of HTTP and TLS it could ask for what nobody checks.
pub(super) fn may_be_passed_on(protocol: &HeaderValue) -> bool {
    let words = protocol.as_bytes().split(|byte| *byte == b',');
    words.map(<[u8]>::trim_ascii).all(|word| {
        let name = word.split(|byte| *byte == b'/').next().unwrap_or_default();
        let checked: [&[u8]; 4] = [b"h2c", b"h2", b"http", b"tls"];
        !checked.iter().any(|other| name.eq_ignore_ascii_case(other))
    })
}

/// Whether the other end reads trailers.
pub(super) fn reads_trailers(headers: &HeaderMap) -> bool {
    headers.contains_key(TE) && has_token(headers, &TE, "trailers")
}

/// Announces no trailers where none can follow.
pub(super) fn forget_trailers(headers: &mut HeaderMap) {
    headers.remove(TRAILER);
}
