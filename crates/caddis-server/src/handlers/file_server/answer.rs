//! The answer with a file: its header, and which parts of it are sent.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use super::browse::Listed;
use super::conditions::{self, State};
use super::content_types::ContentTypes;
use super::download::{Download, Piece};
use super::find::Opened;
use super::multipart;
use super::ranges::{self, Fault, Range};
use crate::{Body, Context, Request, Response};

/// Answers with a file. The header begins with the fields that were noted so far.
pub(super) fn with(opened: Opened, types: &ContentTypes, request: &Request) -> Response {
    let mut response = Context::of(request).response(Body::Empty);
    let headers = response.headers_mut();
    describe(&opened, types, headers);
    let is_read = request.method() == Method::GET || request.method() == Method::HEAD;
    let etag = headers.get(header::ETAG).cloned();
    let state = State {
        etag: etag.as_ref().map_or(&[], HeaderValue::as_bytes),
        modified: modified(&opened),
    };
    if let Some(status) = conditions::check(state, is_read, request.headers()) {
        if status == StatusCode::NOT_MODIFIED {
            headers.remove(header::CONTENT_TYPE);
            headers.remove(header::CONTENT_ENCODING);
            if etag.is_some() {
                headers.remove(header::LAST_MODIFIED);
            }
        }
        *response.status_mut() = status;
        return response;
    }
    let range = request
        .headers()
        .get(header::RANGE)
        .map(HeaderValue::as_bytes);
    let takes_range = || !is_read || conditions::takes_range(state, request.headers());
    let range = range.filter(|range| !range.is_empty() && takes_range());
    match range.map_or(Ok(Vec::new()), |range| ranges::read(range, opened.size)) {
        Ok(ranges) => send(opened, &ranges, response),
        Err(fault) => refuse(fault, opened.size, response),
    }
}

/// Answers with a list of files.
pub(super) fn with_list(listed: Listed, cookies: Vec<HeaderValue>, request: &Request) -> Response {
    let mut response = Context::of(request).response(Body::Empty);
    let headers = response.headers_mut();
    headers.append(
        header::VARY,
        HeaderValue::from_static("Accept, Accept-Encoding"),
    );
    let (text, form, modified) = match listed {
        Listed::Unchanged => {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return response;
        }
        Listed::Written {
            text,
            form,
            modified,
        } => (text, form, modified),
    };
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
    let modified = SystemTime::from(modified).max(SystemTime::UNIX_EPOCH);
    if let Ok(date) = HeaderValue::try_from(httpdate::fmt_http_date(modified)) {
        headers.insert(header::LAST_MODIFIED, date);
    }
    let kind = HeaderValue::from_static(form.content_type());
    headers.insert(header::CONTENT_TYPE, kind);
    *response.body_mut() = text.into();
    response
}

/// The fields that say what it is.
fn describe(opened: &Opened, types: &ContentTypes, headers: &mut HeaderMap) {
    if let Some(encoding) = opened.encoding {
        let name = HeaderValue::from_static(encoding.name());
        headers.insert(header::CONTENT_ENCODING, name);
    }
    let etag = opened
        .etag
        .as_ref()
        .filter(|_| !headers.contains_key(header::ETAG));
    if let Some(etag) = etag.and_then(|etag| HeaderValue::try_from(etag).ok()) {
        headers.insert(header::ETAG, etag);
    }
    if !headers.contains_key(header::CONTENT_TYPE)
        && let Some(kind) = types.of(&opened.path)
    {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    if let Some(modified) = modified(opened)
        && let Ok(date) = HeaderValue::try_from(httpdate::fmt_http_date(modified))
    {
        headers.insert(header::LAST_MODIFIED, date);
    }
}

/// When the file was changed, in whole seconds as the header has it; nothing for the beginning of time.
fn modified(opened: &Opened) -> Option<SystemTime> {
    let modified = opened.known.modified().ok()?;
    let since = modified.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let whole = Duration::from_secs(since.as_secs());
    (!since.is_zero()).then_some(SystemTime::UNIX_EPOCH + whole)
}

fn send(opened: Opened, ranges: &[Range], mut response: Response) -> Response {
    let size = opened.size;
    let headers = response.headers_mut();
    let mut pieces = VecDeque::new();
    match ranges {
        [] => {
            let read = opened.beginning.len() as u64;
            pieces.push_back(Piece::Text(opened.beginning.clone()));
            pieces.push_back(Piece::Part(Range {
                start: read,
                length: size.saturating_sub(read),
            }));
        }
        [range] => {
            if let Ok(field) = HeaderValue::try_from(range.content_range(size)) {
                headers.insert(header::CONTENT_RANGE, field);
            }
            pieces.push_back(Piece::Part(*range));
        }
        several => {
            let kind = headers.get(header::CONTENT_TYPE);
            let kind = kind.map_or(&[][..], HeaderValue::as_bytes);
            let (parts, kind) = multipart::pieces(several, size, kind);
            pieces = parts;
            if let Ok(kind) = HeaderValue::try_from(kind) {
                headers.insert(header::CONTENT_TYPE, kind);
            }
        }
    }
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    let is_whole = ranges.is_empty() && opened.beginning.len() as u64 == size;
    let (body, length) = if is_whole {
        (Body::from(opened.beginning), size)
    } else {
        let download = Download::new(opened.file, pieces);
        let length = download.length();
        (Body::new(download), length)
    };
    headers.insert(header::CONTENT_LENGTH, length.into());
    if !ranges.is_empty() {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    *response.body_mut() = body;
    response
}

fn refuse(fault: Fault, size: u64, mut response: Response) -> Response {
    *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
    let headers = response.headers_mut();
    if fault == Fault::Behind
        && let Ok(field) = HeaderValue::try_from(format!("bytes */{size}"))
    {
        headers.insert(header::CONTENT_RANGE, field);
    }
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    headers.insert(header::CONTENT_TYPE, plain);
    let nosniff = HeaderValue::from_static("nosniff");
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, nosniff);
    *response.body_mut() = Bytes::from_static(fault.message().as_bytes()).into();
    response
}
