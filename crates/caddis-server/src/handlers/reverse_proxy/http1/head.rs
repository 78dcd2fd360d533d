//! The head of an answer: read, and what it says of the body and of the connection.

use std::mem::MaybeUninit;

use bytes::{Bytes, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, response};
use httparse::{ParserConfig, Status};
use hyper::ext::ReasonPhrase;
use smallvec::SmallVec;

use super::fault::Fault;

/// The most fields of a header.
pub(super) const MAX_FIELDS: usize = 100;
/// Most headers have no more fields than this.
const FEW_FIELDS: usize = 24;

/// The head of an answer.
pub(super) struct Head {
    pub(super) parts: response::Parts,
    pub(super) framing: Framing,
    /// Whether the connection may have another request after it.
    pub(super) stays: bool,
    /// How many bytes it took.
    pub(super) length: usize,
}

/// How the end of an answer's body is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// So many bytes.
    Length(u64),
    /// In chunks.
    Chunked,
    /// By the end of the connection.
    Close,
    /// There is none: another protocol is spoken from now on.
    Switched,
    /// There is none: another head follows.
    Informational,
}

/// Where something stands.
type Place = (usize, usize);

/// Takes a head out of what was read; `None` if it is not all there. `most` is how long it may be.
///
/// The header of the request is not wanted any more then: the answer's takes its place, so that no memory is asked for.
pub(super) fn take(
    read: &mut BytesMut,
    (method, request): (&Method, &mut HeaderMap),
    most: usize,
) -> Result<Option<Head>, Fault> {
    let too_long = || Fault::Malformed("message head is too large");
    let Some(found) = find(read)? else {
        return if read.len() < most {
            Ok(None)
        } else {
            Err(too_long())
        };
    };
    if found.length > most {
        return Err(too_long());
    }
    let text = read.split_to(found.length).freeze();
    let (mut parts, ()) = http::Response::new(()).into_parts();
    parts.status = found.status;
    parts.version = found.version;
    if let Some((start, end)) = found.reason
        && let Ok(reason) = ReasonPhrase::try_from(text.slice(start..end))
    {
        parts.extensions.insert(reason);
    }
    let room = if Framing::is_informational(parts.status) {
        HeaderMap::new()
    } else {
        std::mem::take(request)
    };
    parts.headers = fields(&text, &found.fields, room)?;
    Ok(Some(Head {
        framing: Framing::of(&parts, method)?,
        stays: stays(&parts),
        length: found.length,
        parts,
    }))
}

struct Found {
    length: usize,
    status: StatusCode,
    version: Version,
    /// Unless it is what everybody says.
    reason: Option<Place>,
    fields: SmallVec<[(Place, Place); FEW_FIELDS]>,
}

fn find(read: &[u8]) -> Result<Option<Found>, Fault> {
    let mut fields = [const { MaybeUninit::uninit() }; MAX_FIELDS];
    let mut response = httparse::Response::new(&mut []);
    let parsed = ParserConfig::default().parse_response_with_uninit_headers(
        &mut response,
        read,
        &mut fields,
    )?;
    let Status::Complete(length) = parsed else {
        return Ok(None);
    };
    let code = response.code.unwrap_or_default();
    let status = StatusCode::from_u16(code).map_err(|_| Fault::Malformed("invalid status"))?;
    let place = |part: &[u8]| {
        let start = part.as_ptr().addr().saturating_sub(read.as_ptr().addr());
        (start, start + part.len())
    };
    let reason = response.reason.unwrap_or_default();
    let is_usual = status.canonical_reason() == Some(reason);
    Ok(Some(Found {
        length,
        status,
        version: match response.version {
            Some(0) => Version::HTTP_10,
            Some(_) | None => Version::HTTP_11,
        },
        reason: (!is_usual).then(|| place(reason.as_bytes())),
        fields: (response.headers.iter())
            .map(|field| (place(field.name.as_bytes()), place(field.value)))
            .collect(),
    }))
}

/// The fields of a header; their values stay where they were read.
fn fields(
    text: &Bytes,
    places: &[(Place, Place)],
    mut fields: HeaderMap,
) -> Result<HeaderMap, Fault> {
    fields.clear();
    fields.reserve(places.len());
    for &((start, end), (from, to)) in places {
        let name = text.get(start..end).unwrap_or_default();
        let name = HeaderName::from_bytes(name)
            .map_err(|_| Fault::Malformed("invalid name of a header field"))?;
        let value = HeaderValue::from_maybe_shared(text.slice(from..to))
            .map_err(|_| Fault::Malformed("invalid value of a header field"))?;
        fields.append(name, value);
    }
    Ok(fields)
}

impl Framing {
    fn is_informational(status: StatusCode) -> bool {
        status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS
    }

    /// As RFC 9112, 6.3 has it.
    fn of(parts: &response::Parts, method: &Method) -> Result<Self, Fault> {
        match parts.status {
            StatusCode::SWITCHING_PROTOCOLS => return Ok(Self::Switched),
            status if Self::is_informational(status) => return Ok(Self::Informational),
            StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED => return Ok(Self::Length(0)),
            _ if method == Method::HEAD => return Ok(Self::Length(0)),
            _ => {}
        }
        let headers = &parts.headers;
        if headers.contains_key(TRANSFER_ENCODING) {
            return match parts.version {
                Version::HTTP_10 => Err(Fault::Malformed("Transfer-Encoding in HTTP/1.0")),
                _ if is_chunked(headers) => Ok(Self::Chunked),
                _ => Ok(Self::Close),
            };
        }
        length(headers).map(|length| length.map_or(Self::Close, Self::Length))
    }
}

fn is_chunked(headers: &HeaderMap) -> bool {
    let last = headers.get_all(TRANSFER_ENCODING).iter().next_back();
    let last = last.and_then(|last| last.as_bytes().rsplit(|byte| *byte == b',').next());
    last.is_some_and(|coding| coding.trim_ascii().eq_ignore_ascii_case(b"chunked"))
}

/// The length that all fields agree on; `None` if there is none.
fn length(headers: &HeaderMap) -> Result<Option<u64>, Fault> {
    /// The longest body that can be told from one without a length, here and in hyper.
    const MOST: u64 = u64::MAX - 2;
    let wrong = || Fault::Malformed("invalid Content-Length");
    let mut agreed = None;
    for field in headers.get_all(CONTENT_LENGTH) {
        for text in field.as_bytes().split(|byte| *byte == b',') {
            let text = text.trim_ascii();
            let is_number = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
            let text = std::str::from_utf8(text).ok().filter(|_| is_number);
            let length = text.and_then(|text| text.parse().ok()).ok_or_else(wrong)?;
            if length > MOST || agreed.is_some_and(|agreed| agreed != length) {
                return Err(wrong());
            }
            agreed = Some(length);
        }
    }
    Ok(agreed)
}

fn stays(parts: &response::Parts) -> bool {
    let says = |word: &[u8]| {
        let fields = parts.headers.get_all(CONNECTION).into_iter();
        let mut words = fields.flat_map(|field| field.as_bytes().split(|byte| *byte == b','));
        words.any(|found| found.trim_ascii().eq_ignore_ascii_case(word))
    };
    match parts.version {
        Version::HTTP_10 => says(b"keep-alive") && !says(b"close"),
        _ => !parts.headers.contains_key(CONNECTION) || !says(b"close"),
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use http::{HeaderMap, Method};

    use super::{Framing, take};

    const MOST: usize = 1000;

    fn framing(method: &Method, head: &str) -> Result<(Framing, bool), String> {
        let text = format!("HTTP/1.1 {}\r\n\r\n", head.replace('\n', "\r\n"));
        let text = text.replace("HTTP/1.1 1.0 ", "HTTP/1.0 ");
        let mut read = BytesMut::from(text.as_str());
        let mut request = HeaderMap::new();
        let head =
            take(&mut read, (method, &mut request), MOST).map_err(|fault| fault.to_string())?;
        let head = head.ok_or("more")?;
        assert_eq!(head.length, text.len());
        Ok((head.framing, head.stays))
    }

    #[test]
    fn the_end_of_a_body_is_told_in_one_way() {
        use Framing::{Chunked, Close, Informational, Length, Switched};
        for (head, expected) in [
            ("200 OK\nContent-Length: 5", (Length(5), true)),
            (
                "200 OK\nContent-Length: 5, 5\nContent-Length: 5",
                (Length(5), true),
            ),
            (
                "200 OK\nContent-Length: 5\nTransfer-Encoding: chunked",
                (Chunked, true),
            ),
            ("200 OK\nTransfer-Encoding: gzip, Chunked", (Chunked, true)),
            ("200 OK\nTransfer-Encoding: gzip", (Close, true)),
            ("200 OK", (Close, true)),
            (
                "200 OK\nConnection: x, Close\nContent-Length: 1",
                (Length(1), false),
            ),
            ("1.0 200 OK\nContent-Length: 1", (Length(1), false)),
            (
                "1.0 200 OK\nConnection: Keep-Alive\nContent-Length: 1",
                (Length(1), true),
            ),
            ("204 None\nContent-Length: 5", (Length(0), true)),
            ("304 Same\nTransfer-Encoding: chunked", (Length(0), true)),
            ("103 Hints", (Informational, true)),
            ("101 Switch", (Switched, true)),
        ] {
            assert_eq!(framing(&Method::GET, head), Ok(expected), "{head}");
        }
        let head = framing(&Method::HEAD, "200 OK\nContent-Length: 5");
        assert_eq!(head, Ok((Length(0), true)));
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_no_answer() {
        for head in [
            "200 OK\nContent-Length: 5\nContent-Length: 6",
            "200 OK\nContent-Length: 5, 6",
            "200 OK\nContent-Length: +5",
            "200 OK\nContent-Length: ",
            "200 OK\nContent-Length: 18446744073709551615",
            "200 OK\nContent-Length: 99999999999999999999",
            "1.0 200 OK\nTransfer-Encoding: chunked",
            "200 OK\nContent-Length : 5",
            "200 OK\n Folded: 5",
            "99 Low",
            "200 OK\nX: a\u{1}b",
        ] {
            assert!(framing(&Method::GET, head).is_err(), "{head}");
        }
    }

    #[test]
    fn a_head_has_so_many_fields_and_bytes() {
        let fields = |count: usize| format!("200 OK{}", "\nA: b".repeat(count));
        assert!(framing(&Method::GET, &fields(100)).is_ok());
        assert!(framing(&Method::GET, &fields(101)).is_err());
        let long = |length: usize| format!("200 OK\nA: {}", "b".repeat(length));
        assert!(framing(&Method::GET, &long(MOST - 30)).is_ok());
        assert!(framing(&Method::GET, &long(MOST)).is_err());
        let mut part = BytesMut::from("HTTP/1.1 200 OK\r\nA: b");
        let mut request = HeaderMap::new();
        let mut of = |part: &mut BytesMut| take(part, (&Method::GET, &mut request), MOST);
        assert!(of(&mut part).is_ok_and(|head| head.is_none()));
        part.extend_from_slice(&[b'b'; MOST]);
        assert!(of(&mut part).is_err());
    }
}
