//! `{http.reverse_proxy.header.*}` and `{http.intercept.*}`: what was seen of answers that did not go to the client as they were.

use http::{HeaderMap, HeaderName, StatusCode};

/// What was seen of the answers to one request; a later answer takes the place of an earlier one field by field.
#[derive(Debug, Default)]
pub(crate) struct SeenAnswers {
    proxied: HeaderMap,
    intercepted: HeaderMap,
    status: Option<StatusCode>,
}

/// How the names of the fields of upstreams' answers begin.
pub(crate) const PROXIED: &str = "http.reverse_proxy.header.";
/// The same for answers that are intercepted.
pub(crate) const INTERCEPTED: &str = "http.intercept.header.";

impl SeenAnswers {
    /// Notes the answer of an upstream.
    pub(crate) fn proxied(&mut self, headers: &HeaderMap) {
        replace(&mut self.proxied, headers);
    }

    /// Notes an answer that is intercepted.
    pub(crate) fn intercepted(&mut self, status: StatusCode, headers: &HeaderMap) {
        self.status = Some(status);
        replace(&mut self.intercepted, headers);
    }

    /// Writes the value of a placeholder; false if there is none.
    pub(crate) fn write(&self, name: &str, out: &mut Vec<u8>) -> bool {
        let field = |prefix, headers| Some((name.strip_prefix(prefix)?, headers));
        let field = field(PROXIED, &self.proxied).or(field(INTERCEPTED, &self.intercepted));
        match (field, self.status) {
            (Some((field, headers)), _) => joined(headers, field, out),
            (None, Some(status)) if name == "http.intercept.status_code" => {
                out.extend_from_slice(status.as_str().as_bytes());
                true
            }
            (None, _) => false,
        }
    }
}

/// Whether the name of a field is in the spelling that Go gives it: Caddy knows those of answers by no other.
pub(crate) fn is_canonical(name: &str) -> bool {
    let mut begins = true;
    name.bytes().all(|byte| {
        let fits = if begins {
            !byte.is_ascii_lowercase()
        } else {
            !byte.is_ascii_uppercase()
        };
        begins = byte == b'-';
        fits
    })
}

fn replace(to: &mut HeaderMap, from: &HeaderMap) {
    for name in from.keys() {
        to.remove(name);
    }
    for (name, value) in from {
        to.append(name, value.clone());
    }
}

fn joined(headers: &HeaderMap, name: &str, out: &mut Vec<u8>) -> bool {
    let Ok(name) = name.parse::<HeaderName>() else {
        return false;
    };
    for (at, value) in headers.get_all(&name).iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend_from_slice(value.as_bytes());
    }
    headers.contains_key(name)
}
