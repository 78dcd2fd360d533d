//! Conditional requests, as Go's `net/http` reads them: `If-Match`, `If-None-Match`, `If-Modified-Since` and their kin.

use std::time::SystemTime;

use http::{HeaderMap, HeaderName, StatusCode, header};

/// What is known of the file: its tag, and its time in whole seconds if it has one.
#[derive(Clone, Copy, Debug)]
pub(super) struct State<'a> {
    pub(super) etag: &'a [u8],
    pub(super) modified: Option<SystemTime>,
}

/// The status that answers a request whose conditions do not hold.
pub(super) fn check(state: State<'_>, is_read: bool, headers: &HeaderMap) -> Option<StatusCode> {
    let matches = match matched(state, headers, &header::IF_MATCH, is_same) {
        None => not_after(state, headers, &header::IF_UNMODIFIED_SINCE),
        found => found,
    };
    if matches == Some(false) {
        return Some(StatusCode::PRECONDITION_FAILED);
    }
    let known = match matched(state, headers, &header::IF_NONE_MATCH, is_alike) {
        None if is_read => not_after(state, headers, &header::IF_MODIFIED_SINCE),
        found => found,
    };
    match (known, is_read) {
        (Some(true), true) => Some(StatusCode::NOT_MODIFIED),
        (Some(true), false) => Some(StatusCode::PRECONDITION_FAILED),
        (Some(false) | None, _) => None,
    }
}

/// Whether `Range` counts: `If-Range` is not there, or names this file.
pub(super) fn takes_range(state: State<'_>, headers: &HeaderMap) -> bool {
    let field = value(headers, &header::IF_RANGE);
    if field.is_empty() {
        return true;
    }
    if let Some((tag, _)) = tag(field) {
        return is_same(tag, state.etag);
    }
    state.modified.is_some() && state.modified == time(field)
}

/// Whether a list of tags has the one of the file; nothing if there is no list.
fn matched(
    state: State<'_>,
    headers: &HeaderMap,
    name: &HeaderName,
    is_equal: fn(&[u8], &[u8]) -> bool,
) -> Option<bool> {
    let mut rest = value(headers, name);
    if rest.is_empty() {
        return None;
    }
    loop {
        rest = trimmed(rest);
        match rest.first() {
            None => return Some(false),
            Some(b',') => rest = rest.get(1..).unwrap_or_default(),
            Some(b'*') => return Some(true),
            Some(_) => {
                let Some((tag, after)) = tag(rest) else {
                    return Some(false);
                };
                if is_equal(tag, state.etag) {
                    return Some(true);
                }
                rest = after;
            }
        }
    }
}

/// Whether the file is not newer than a time; nothing if one of the two has no time.
fn not_after(state: State<'_>, headers: &HeaderMap, name: &HeaderName) -> Option<bool> {
    Some(state.modified? <= time(value(headers, name))?)
}

fn value<'h>(headers: &'h HeaderMap, name: &HeaderName) -> &'h [u8] {
    headers.get(name).map_or(&[], http::HeaderValue::as_bytes)
}

fn time(text: &[u8]) -> Option<SystemTime> {
    httpdate::parse_http_date(std::str::from_utf8(text).ok()?).ok()
}

/// The tag that a text begins with, and what comes after it.
fn tag(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = trimmed(text);
    let opaque = text
        .strip_prefix(b"W/")
        .unwrap_or(text)
        .strip_prefix(b"\"")?;
    let is_part = |byte: &u8| matches!(byte, 0x21 | 0x23..=0x7e | 0x80..);
    let end = opaque.iter().position(|byte| !is_part(byte))?;
    if opaque.get(end) != Some(&b'"') {
        return None;
    }
    text.split_at_checked(text.len() - opaque.len() + end + 1)
}

fn trimmed(text: &[u8]) -> &[u8] {
    text.trim_ascii()
}

/// Whether two tags are the same and strong.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one == other && one.starts_with(b"\"")
}

/// Whether two tags are the same but for their strength.
fn is_alike(one: &[u8], other: &[u8]) -> bool {
    let strong = |tag: &'_ [u8]| tag.strip_prefix(b"W/").unwrap_or(tag).to_vec();
    strong(one) == strong(other)
}
