//! Targets of requests, as Go's `net/url` has them: escaping, decoding, hosts and queries.

use std::borrow::Cow;

use http::Uri;
use percent_encoding::percent_decode;

/// The path with its percent-encodings decoded.
pub(crate) fn decoded_path(target: &Uri) -> Cow<'_, [u8]> {
    percent_decode(target.path().as_bytes()).into()
}

/// Escapes a text for the value of a query parameter: a space becomes `+`.
pub(crate) fn query_escape(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte),
            b' ' => out.push(b'+'),
            _ => escape_byte(byte, out),
        }
    }
}

pub(crate) fn escape_byte(byte: u8, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
    out.push(b'%');
    out.extend_from_slice(&digits);
}

/// The parameters of a query, decoded; as Go does it, a pair with `;` or a broken escape is passed over.
pub(crate) fn query_pairs(query: &str) -> impl Iterator<Item = (Cow<'_, [u8]>, Cow<'_, [u8]>)> {
    query.split('&').filter_map(|pair| {
        if pair.is_empty() || pair.contains(';') {
            return None;
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((query_unescape(key)?, query_unescape(value)?))
    })
}

fn query_unescape(text: &str) -> Option<Cow<'_, [u8]>> {
    if !is_well_escaped(text.as_bytes()) {
        return None;
    }
    if text.contains('+') {
        let text = text.replace('+', " ");
        return Some(Cow::Owned(percent_decode(text.as_bytes()).collect()));
    }
    Some(percent_decode(text.as_bytes()).into())
}

/// Whether every `%` is followed by two hexadecimal digits.
pub(crate) fn is_well_escaped(text: &[u8]) -> bool {
    memchr::memchr_iter(b'%', text).all(|at| {
        let digits = text.get(at + 1..at + 3).unwrap_or_default();
        digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit)
    })
}

/// The host of `host:port`, without the brackets of an IPv6 address.
pub(crate) fn host(authority: &[u8]) -> &[u8] {
    if let Some(rest) = authority.strip_prefix(b"[") {
        let end = rest.iter().position(|byte| *byte == b']');
        return end.and_then(|end| rest.get(..end)).unwrap_or(authority);
    }
    let mut colons = authority
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b':');
    match (colons.next(), colons.next()) {
        (Some((colon, _)), None) => authority.get(..colon).unwrap_or(authority),
        _ => authority,
    }
}

/// The port of `host:port`.
pub(crate) fn port(authority: &[u8]) -> Option<&[u8]> {
    let rest = authority.strip_prefix(b"[").unwrap_or(authority);
    let colon = rest.iter().rposition(|byte| *byte == b':')?;
    let before = rest.get(..colon)?;
    let is_port = if authority.starts_with(b"[") {
        before.ends_with(b"]")
    } else {
        !before.contains(&b':')
    };
    is_port.then(|| rest.get(colon + 1..)).flatten()
}
