//! A request as it is written: its head, and the parts of its body.

use std::io::Write as _;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, TRAILER, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, request};

use super::line::Out;

/// How the end of a request's body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// So many bytes are left of it.
    Length(u64),
    /// In chunks.
    Chunked,
}

/// Room for the request line and what a field takes beside its name and value.
const LINE: usize = 64;

impl Framing {
    /// As the head says it, which was made to agree with the body.
    pub(super) fn of(head: &request::Parts) -> Self {
        if head.headers.contains_key(TRANSFER_ENCODING) {
            return Self::Chunked;
        }
        let length = head.headers.get(CONTENT_LENGTH);
        let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
        Self::Length(length.unwrap_or(0))
    }

    /// Adds a part of the body; false if it is more than the head has announced.
    pub(super) fn push(&mut self, part: Bytes, out: &mut Out) -> bool {
        if part.is_empty() {
            return true;
        }
        match self {
            Self::Length(left) => match left.checked_sub(part.len() as u64) {
                Some(rest) => {
                    *left = rest;
                    out.push(part, b"");
                    true
                }
                None => false,
            },
            Self::Chunked => {
                // Writing to memory does not fail.
                let _ = write!(out.text, "{:X}\r\n", part.len());
                out.push(part, b"\r\n");
                true
            }
        }
    }

    /// Ends the body; false if some of it is missing. Only trailers that were announced go out.
    pub(super) fn end(
        self,
        trailers: Option<&HeaderMap>,
        announced: &[HeaderName],
        out: &mut Out,
    ) -> bool {
        match self {
            Self::Length(left) => left == 0,
            Self::Chunked => {
                out.text.extend_from_slice(b"0\r\n");
                for (name, value) in trailers.into_iter().flatten() {
                    if announced.contains(name) && may_trail(name) {
                        push_field(name, value, &mut out.text);
                    }
                }
                out.text.extend_from_slice(b"\r\n");
                true
            }
        }
    }
}

/// Writes the head. Names of fields go out as Go writes them.
pub(super) fn write_head(head: &request::Parts, text: &mut Vec<u8>) {
    let size = |(name, value): (&HeaderName, &HeaderValue)| {
        name.as_str().len() + value.len() + ": \r\n".len()
    };
    let target = head
        .uri
        .path_and_query()
        .map_or("/", |target| target.as_str());
    text.reserve(target.len() + LINE + head.headers.iter().map(size).sum::<usize>());
    text.extend_from_slice(head.method.as_str().as_bytes());
    text.push(b' ');
    if head.uri.authority().is_none() {
        text.extend_from_slice(target.as_bytes());
    } else {
        let _ = write!(text, "{}", head.uri);
    }
    text.extend_from_slice(b" HTTP/1.1\r\n");
    for (name, value) in &head.headers {
        push_field(name, value, text);
    }
    text.extend_from_slice(b"\r\n");
}

fn push_field(name: &HeaderName, value: &HeaderValue, text: &mut Vec<u8>) {
    let start = text.len();
    text.extend_from_slice(name.as_str().as_bytes());
    let mut is_first = true;
    for byte in text.iter_mut().skip(start) {
        if is_first {
            byte.make_ascii_uppercase();
        }
        is_first = *byte == b'-';
    }
    text.extend_from_slice(b": ");
    text.extend_from_slice(value.as_bytes());
    text.extend_from_slice(b"\r\n");
}

/// The trailers that a head announces.
pub(super) fn announced(head: &HeaderMap) -> Vec<HeaderName> {
    let values = head.get_all(TRAILER).into_iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok())
        .collect()
}

/// Whether a field may come behind a body: nothing that says how a message is read (RFC 9110, 6.5.1).
fn may_trail(name: &HeaderName) -> bool {
    use http::header;
    ![
        header::AUTHORIZATION,
        header::CACHE_CONTROL,
        header::CONNECTION,
        header::CONTENT_ENCODING,
        CONTENT_LENGTH,
        header::CONTENT_RANGE,
        header::CONTENT_TYPE,
        header::HOST,
        header::MAX_FORWARDS,
        header::SET_COOKIE,
        header::TE,
        TRAILER,
        TRANSFER_ENCODING,
    ]
    .contains(name)
}
