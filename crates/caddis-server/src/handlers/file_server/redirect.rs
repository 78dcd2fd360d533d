//! Redirects to the path with a slash at its end, or without.

use std::fmt::Write as _;

use http::{HeaderValue, Method, StatusCode, header};

use crate::files;
use crate::placeholders::header_value;
use crate::{Body, Context, Request, Response, uri};

/// Bytes that would end the path, or begin another one.
const TREACHEROUS: &[u8] = b"?#%\\";

/// Redirects to a path on this host, and keeps the query.
pub(super) fn to(path: &[u8], request: &Request) -> Response {
    let location = location(path, request.uri().query());
    let context = Context::of(request);
    let is_read = request.method() == Method::GET || request.method() == Method::HEAD;
    let has_type = (context.notes().response_headers()).contains_key(header::CONTENT_TYPE);
    let body = if request.method() == Method::GET && !has_type {
        page(&location).into()
    } else {
        Body::Empty
    };
    let mut response = context.response(body);
    *response.status_mut() = StatusCode::PERMANENT_REDIRECT;
    let headers = response.headers_mut();
    headers.insert(
        header::LOCATION,
        header_value(escape_beyond_ascii(&location)),
    );
    if is_read && !has_type {
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        headers.insert(header::CONTENT_TYPE, html);
    }
    response
}

/// The path with one slash at its front, so that it names no other host, and with no dots.
fn location(path: &[u8], query: Option<&str>) -> Vec<u8> {
    let mut location = files::clean(&[b"/", path].concat());
    if path.ends_with(b"/") && location != b"/" {
        location.push(b'/');
    }
    // Caddy writes the path as it is decoded, and a file may be called so that it becomes something else.
    let is_treacherous = |byte: &u8| TREACHEROUS.contains(byte) || byte.is_ascii_control();
    if location.iter().any(is_treacherous) {
        let mut escaped = Vec::with_capacity(location.len());
        uri::path_escape(&location, &mut escaped);
        location = escaped;
    }
    if let Some(query) = query.filter(|query| !query.is_empty()) {
        location.push(b'?');
        location.extend_from_slice(query.as_bytes());
    }
    location
}

fn escape_beyond_ascii(text: &[u8]) -> Vec<u8> {
    let mut escaped = String::with_capacity(text.len());
    for byte in text {
        if byte.is_ascii() {
            escaped.push(char::from(*byte));
        } else {
            let _ = write!(escaped, "%{byte:02x}");
        }
    }
    escaped.into_bytes()
}

/// The page that Go sends for those who do not follow.
fn page(location: &[u8]) -> bytes::Bytes {
    let mut page = b"<a href=\"".to_vec();
    for byte in location {
        match byte {
            b'&' => page.extend_from_slice(b"&amp;"),
            b'<' => page.extend_from_slice(b"&lt;"),
            b'>' => page.extend_from_slice(b"&gt;"),
            b'"' => page.extend_from_slice(b"&#34;"),
            b'\'' => page.extend_from_slice(b"&#39;"),
            _ => page.push(*byte),
        }
    }
    page.extend_from_slice(b"\">Permanent Redirect</a>.\n\n");
    page.into()
}
