//! The cookie that binds a client to an upstream.

use std::fmt::Write as _;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use http::{HeaderMap, HeaderName, HeaderValue, header};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::member::Member;
use crate::placeholders::Values;

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The cookie that binds a client to an upstream: it names it by a keyed hash.
pub(super) struct Cookie {
    pub(super) name: Box<str>,
    /// Makes the hashes.
    pub(super) key: Hmac<Sha256>,
    /// How long browsers keep it; until they are closed if `None`.
    pub(super) max_age: Option<Duration>,
}

impl Cookie {
    /// A key of any length.
    pub(super) fn key(secret: &str) -> Hmac<Sha256> {
        Hmac::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length")
    }

    /// Whether the cookie of a request names this upstream.
    pub(super) fn names(&self, member: &Member, headers: &HeaderMap) -> bool {
        let given = value(headers, &self.name);
        given.is_some_and(|given| self.hash(&member.dial).as_bytes().ct_eq(given).into())
    }

    /// Gives the client a cookie with its answer.
    pub(super) fn give(&self, member: &Member, values: &Values<'_>) {
        let mut cookie = format!("{}={}; Path=/", self.name, self.hash(&member.dial));
        if let Some(age) = self.max_age {
            // Writing to a string does not fail.
            let _ = write!(cookie, "; Max-Age={}", age.as_secs());
        }
        cookie.push_str(if is_secure(values) {
            "; HttpOnly; Secure; SameSite=None"
        } else {
            "; HttpOnly; SameSite=Lax"
        });
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            let mut notes = values.context.notes();
            notes.response_headers().append(header::SET_COOKIE, cookie);
        }
    }

    fn hash(&self, dial: &str) -> String {
        let mut key = self.key.clone();
        key.update(dial.as_bytes());
        let hash = key.finalize().into_bytes();
        hash.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

/// The value of a cookie, whose name is written exactly like this.
fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a [u8]> {
    let lines = headers.get_all(header::COOKIE).iter();
    let mut pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs.find_map(|pair| {
        let value = pair.trim_ascii().strip_prefix(name.as_bytes())?;
        let value = value.strip_prefix(b"=")?;
        let quoted = value
            .strip_prefix(b"\"")
            .and_then(|value| value.strip_suffix(b"\""));
        Some(quoted.unwrap_or(value))
    })
}

/// Whether the client speaks TLS, with us or with a proxy that is trusted.
fn is_secure(values: &Values<'_>) -> bool {
    let forwarded = || {
        let last = values.headers.get_all(X_FORWARDED_PROTO).iter().next_back();
        let last = last.and_then(|value| value.to_str().ok());
        let last = last.and_then(|value| value.rsplit(',').next());
        last.is_some_and(|value| value.trim() == "https")
    };
    let context = values.context;
    context.connection().tls.is_some() || (context.is_trusted_proxy() && forwarded())
}
