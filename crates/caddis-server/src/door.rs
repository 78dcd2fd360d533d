//! The door: what no handler may see because it could be read in two ways.

use std::borrow::Cow;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Version, header};

use crate::uri;

/// Why a request does not come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    /// Where the next request on this connection begins cannot be known.
    pub(crate) close: bool,
}

/// The longest method that Caddy takes.
const MAX_METHOD: usize = 32;

/// Checks the head of a request and puts it into the form that handlers rely on: one `Host`, a target of path
/// and query, and no field whose name an application could take for that of another.
pub(crate) fn check(head: &mut Parts) -> Result<(), Refusal> {
    check_framing(head)?;
    if head.method == Method::CONNECT {
        return Err(closing(StatusCode::METHOD_NOT_ALLOWED));
    }
    settle_host(head)?;
    settle_target(head)?;
    drop_twins(&mut head.headers);
    if head.method.as_str().len() > MAX_METHOD {
        return Err(staying(StatusCode::METHOD_NOT_ALLOWED));
    }
    Ok(())
}

/// Whether Go's server answers this itself: `OPTIONS *` asks for nothing in particular.
pub(crate) fn is_ping(head: &Parts) -> bool {
    head.method == Method::OPTIONS && head.uri.path() == "*"
}

fn closing(status: StatusCode) -> Refusal {
    Refusal {
        status,
        close: true,
    }
}

fn staying(status: StatusCode) -> Refusal {
    Refusal {
        status,
        close: false,
    }
}

fn bad() -> Refusal {
    closing(StatusCode::BAD_REQUEST)
}

/// The end of a request must be told in one way only.
fn check_framing(head: &Parts) -> Result<(), Refusal> {
    let mut encodings = head.headers.get_all(header::TRANSFER_ENCODING).iter();
    if let Some(encoding) = encodings.next() {
        let is_chunked = encoding.as_bytes().eq_ignore_ascii_case(b"chunked");
        if !is_chunked || encodings.next().is_some() {
            return Err(closing(StatusCode::NOT_IMPLEMENTED));
        }
        let is_old = head.version < Version::HTTP_11;
        if is_old || head.headers.contains_key(header::CONTENT_LENGTH) {
            return Err(bad());
        }
    }
    let mut lengths = head.headers.get_all(header::CONTENT_LENGTH).iter();
    if let Some(length) = lengths.next() {
        let is_number = length.as_bytes().iter().all(u8::is_ascii_digit);
        if !is_number || length.is_empty() || lengths.any(|other| other != length) {
            return Err(bad());
        }
    }
    let expects = head.headers.get(header::EXPECT);
    if expects.is_some_and(|value| !value.as_bytes().eq_ignore_ascii_case(b"100-continue")) {
        return Err(closing(StatusCode::EXPECTATION_FAILED));
    }
    Ok(())
}

/// Leaves exactly one valid `Host`; the target's own host counts more than the field.
fn settle_host(head: &mut Parts) -> Result<(), Refusal> {
    let mut hosts = head.headers.get_all(header::HOST).iter();
    let field = hosts.next();
    if hosts.next().is_some() {
        return Err(bad());
    }
    let authority = match head.uri.authority() {
        // Only a target that is whole has a host: `GET name` has neither scheme nor path.
        Some(_) if head.uri.scheme().is_none() && head.version <= Version::HTTP_11 => {
            return Err(bad());
        }
        Some(authority) => authority.as_str(),
        None => "",
    };
    let authority = match authority.rsplit_once('@') {
        // HTTP/2 has no place for a login there (RFC 9113, 8.3.1).
        Some(_) if head.version > Version::HTTP_11 => return Err(bad()),
        Some((_, authority)) => authority,
        None => authority,
    };
    match (field, authority) {
        (None, "") if head.version == Version::HTTP_10 => return Ok(()),
        (None, _) if head.version == Version::HTTP_11 => return Err(bad()),
        (None, "") => return Err(staying(StatusCode::BAD_REQUEST)),
        (Some(field), _) if !is_host(field.as_bytes()) => return Err(bad()),
        (Some(field), "") if field.is_empty() => return Err(staying(StatusCode::BAD_REQUEST)),
        (Some(_), "") => return Ok(()),
        (Some(field), host) if head.version > Version::HTTP_11 && field != host => {
            return Err(bad());
        }
        (_, host) if !is_host(host.as_bytes()) => return Err(bad()),
        (_, host) => {
            let host = HeaderValue::from_str(host).map_err(|_| bad())?;
            head.headers.insert(header::HOST, host);
        }
    }
    Ok(())
}

/// The bytes that Go takes in a host.
fn is_host(host: &[u8]) -> bool {
    let is_taken =
        |byte: &u8| byte.is_ascii_alphanumeric() || b"!$%&()*+,-.:;=[']_~".contains(byte);
    host.iter().all(is_taken)
}

/// Leaves path and query, escaped as Go sends them on.
fn settle_target(head: &mut Parts) -> Result<(), Refusal> {
    let path = head.uri.path();
    let is_path = path.starts_with('/') || (path == "*" && head.method == Method::OPTIONS);
    if !is_path || !uri::is_well_escaped(path.as_bytes()) {
        return Err(bad());
    }
    let normal = uri::normal_path(path.as_bytes());
    let is_settled = matches!(normal, Cow::Borrowed(_)) && head.uri.authority().is_none();
    if !is_settled {
        let query = head.uri.query().map(str::as_bytes);
        head.uri = uri::join(&normal, query).map_err(|_| bad())?;
    }
    Ok(())
}

/// Drops every field with `_` or `.` in its name: CGI and its kin read `Remote_User` as `Remote-User`, and a
/// client must not speak for the proxy.
fn drop_twins(headers: &mut HeaderMap) {
    let is_twin =
        |name: &&HeaderName| memchr::memchr2(b'_', b'.', name.as_str().as_bytes()).is_some();
    if !headers.keys().any(|name| is_twin(&name)) {
        return;
    }
    let twins: Vec<HeaderName> = headers.keys().filter(is_twin).cloned().collect();
    for name in twins {
        headers.remove(name);
    }
}

/// Drops every field that `Connection` names, and its name there: who names `X-User-Id` takes away what the client
/// sends under that name, and not what a handler puts there later. Not before the client's address is known: who names
/// `X-Forwarded-For` would be taken for the proxy that has sent it.
pub(crate) fn drop_named_by_connection(headers: &mut HeaderMap) {
    let Some(connection) = headers.get(header::CONNECTION) else {
        return;
    };
    let is_plain = |value: &HeaderValue| {
        let value = value.as_bytes();
        value.eq_ignore_ascii_case(b"keep-alive")
            || value.eq_ignore_ascii_case(b"close")
            || value.eq_ignore_ascii_case(b"upgrade")
    };
    let mut all = headers.get_all(header::CONNECTION).iter();
    if is_plain(connection) && all.nth(1).is_none() {
        return;
    }
    let all: Vec<_> = headers
        .get_all(header::CONNECTION)
        .iter()
        .cloned()
        .collect();
    let words = all
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let mut kept: Vec<&[u8]> = Vec::new();
    for word in words.map(<[u8]>::trim_ascii) {
        match HeaderName::from_bytes(word) {
            Ok(name) if OF_THE_CONNECTION.contains(&name.as_str()) => kept.push(word),
            Ok(name) if name != header::HOST && !FRAMING.contains(&name) => {
                headers.remove(name);
            }
            Ok(_) | Err(_) => {}
        }
    }
    match HeaderValue::from_bytes(&kept.join(&b", "[..])) {
        Ok(value) if !value.is_empty() => headers.insert(header::CONNECTION, value),
        Ok(_) | Err(_) => headers.remove(header::CONNECTION),
    };
}

/// What `Connection` says of the connection itself, and the fields that belong to that.
const OF_THE_CONNECTION: [&str; 5] = ["close", "keep-alive", "te", "trailer", "upgrade"];
static FRAMING: [HeaderName; 2] = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING];
