//! Who may ask: web pages may not, whatever name they give to this machine.
//!
//! The checks, their order and their answers are those of Caddy 2.11.4.

use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::uri::Authority;
use http::{Method, StatusCode, Version};

use super::address::Guests;
use super::answer::Refusal;
use super::origin::Origin;

type Request = axum::extract::Request;

/// Fields that a web page may send once it may ask at all.
const FIELDS: &str = "Content-Type, Content-Length, Cache-Control";
/// What a web page may do once it may ask at all.
const METHODS: &str = "OPTIONS, GET, POST, PUT, PATCH, DELETE";
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// What makes the answer to a request readable for the page that sent it.
pub(super) fn admit(request: &Request, guests: &Guests) -> Result<HeaderMap, Refusal> {
    let headers = request.headers();
    let host = host(request)?;
    check_browser(headers)?;
    if guests.check_host && !guests.origins.iter().any(|origin| origin.host == host) {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            format!(
                "`{host}` is not a host of this endpoint; add it to its `origins` if it is yours"
            ),
        ));
    }
    let mut granted = HeaderMap::new();
    let from_browser = headers.contains_key(header::ORIGIN) || headers.contains_key(FETCH_MODE);
    if guests.enforce_origin || from_browser {
        let origin = origin(headers, guests)?;
        if request.method() == Method::OPTIONS {
            let fields = HeaderValue::from_static(FIELDS);
            granted.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, fields);
            let methods = HeaderValue::from_static(METHODS);
            granted.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
            let yes = HeaderValue::from_static("true");
            granted.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
        }
        if let Ok(origin) = HeaderValue::try_from(origin.to_string()) {
            granted.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        }
    }
    Ok(granted)
}

/// Refuses what only a browser sends that was tricked.
fn check_browser(headers: &HeaderMap) -> Result<(), Refusal> {
    if text(headers, &header::UPGRADE).contains("websocket") {
        return Err(Refusal::bad("there are no WebSockets here"));
    }
    if text(headers, &FETCH_MODE).contains("no-cors") {
        return Err(Refusal::bad(
            "requests of the mode `no-cors` come from foreign pages",
        ));
    }
    if text(headers, &header::ORIGIN) == "null" {
        return Err(Refusal::bad("a page without an origin may not ask"));
    }
    Ok(())
}

/// The page that asks, if it may.
fn origin(headers: &HeaderMap, guests: &Guests) -> Result<Origin, Refusal> {
    let mut named = text(headers, &header::ORIGIN);
    if named.is_empty() {
        named = text(headers, &header::REFERER);
    }
    let origin = Origin::parse(&named).filter(|origin| {
        let mut allowed = guests.origins.iter();
        allowed.any(|allowed| allowed.allows(origin))
    });
    origin.ok_or_else(|| {
        Refusal::new(
            StatusCode::FORBIDDEN,
            format!("requests from the origin `{named}` are not allowed; add it to `origins` if it is yours"),
        )
    })
}

/// The first value of a field, as Go reads it.
fn text(headers: &HeaderMap, name: &HeaderName) -> String {
    let value = headers.get(name).map(HeaderValue::as_bytes);
    String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
}

/// The host that a request is for; Go's server refuses what is none.
fn host(request: &Request) -> Result<String, Refusal> {
    let mut named = request.headers().get_all(header::HOST).iter();
    let host = match (named.next(), named.next()) {
        (None, _) if request.version() >= Version::HTTP_11 => {
            return Err(Refusal::bad("the field `Host` is missing"));
        }
        (_, Some(_)) => return Err(Refusal::bad("there is more than one field `Host`")),
        (host, None) => host.map(HeaderValue::as_bytes).unwrap_or_default(),
    };
    let host = match request.uri().authority().map(Authority::as_str) {
        Some(target) => target
            .rsplit_once('@')
            .map_or(target, |(_, host)| host)
            .as_bytes(),
        None => host,
    };
    if !host
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b"!$%&'()*+,-.:;=[]_~".contains(byte))
    {
        return Err(Refusal::bad("the field `Host` names no host"));
    }
    Ok(String::from_utf8_lossy(host).into_owned())
}

/// An answer that the page may read.
pub(super) fn grant(granted: HeaderMap, answer: impl IntoResponse) -> Response {
    let mut response = answer.into_response();
    response.headers_mut().extend(granted);
    response
}
