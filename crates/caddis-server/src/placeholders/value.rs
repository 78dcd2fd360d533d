//! The values of placeholders for one request.

use std::io::Write as _;
use std::net::SocketAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, Method, Uri, Version, header};

use super::name::{End, Placeholder, Tls};
use super::world;
use crate::{Context, Request, uri};

/// Where placeholders find their values: the head of a request, and what is known of it.
#[derive(Clone, Copy)]
pub(crate) struct Values<'a> {
    pub(crate) method: &'a Method,
    pub(crate) uri: &'a Uri,
    pub(crate) version: Version,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) context: &'a Context,
    /// The header of the response, where there is one.
    pub(crate) response: Option<&'a HeaderMap>,
}

impl<'a> Values<'a> {
    /// The values of a request in the tree.
    pub(crate) fn of(request: &'a Request) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            version: request.version(),
            headers: request.headers(),
            context: Context::of(request),
            response: None,
        }
    }

    /// The same values, with another target.
    pub(crate) fn at<'b>(&self, uri: &'b Uri) -> Values<'b>
    where
        'a: 'b,
    {
        Values { uri, ..*self }
    }

    /// The values of a request whose body has been taken.
    pub(crate) fn of_head(head: &'a http::request::Parts, context: &'a Context) -> Self {
        Self {
            method: &head.method,
            uri: &head.uri,
            version: head.version,
            headers: &head.headers,
            context,
            response: None,
        }
    }

    /// Writes a value; false if nobody has set it for this request.
    pub(super) fn write(&self, placeholder: &Placeholder, out: &mut Vec<u8>) -> bool {
        let connection = self.context.connection();
        match placeholder {
            Placeholder::Method => push(out, self.method.as_str()),
            Placeholder::OriginalMethod => push(out, self.context.original_method().as_str()),
            Placeholder::Scheme => push(out, scheme(self.context)),
            Placeholder::Protocol => push(out, protocol(self.version)),
            Placeholder::HostPort => out.extend_from_slice(host_header(self.headers)),
            Placeholder::Host => out.extend_from_slice(uri::host(host_header(self.headers))),
            Placeholder::Port => self.port(out),
            Placeholder::HostLabel(index) => self.label(*index, out),
            Placeholder::Uri(part) => part.write(self.uri, out),
            Placeholder::OriginalUri(part) => part.write(self.context.original_uri(), out),
            Placeholder::Header(name) if *name == Some(header::HOST) => {}
            Placeholder::Header(name) => joined(self.headers, name.as_ref(), out),
            Placeholder::Cookie(name) => return cookie(self.headers, name, out),
            Placeholder::Remote(end) => address(connection.peer, *end, out),
            Placeholder::Local(end) => address(connection.local, *end, out),
            Placeholder::Tls(value) => return self.tls(*value, out),
            Placeholder::Client(fact) => match &connection.tls {
                Some(tls) => fact.write(tls.client_certificate.as_deref(), out),
                None => return false,
            },
            Placeholder::Duration => {
                void(write!(out, "{:?}", self.context.started().elapsed()));
            }
            Placeholder::DurationMs => {
                let milliseconds = self.context.started().elapsed().as_secs_f64() * 1e3;
                void(write!(out, "{milliseconds}"));
            }
            Placeholder::Body => out.extend_from_slice(&self.body()),
            Placeholder::BodyBase64 => push(out, &STANDARD.encode(self.body())),
            Placeholder::Uuid => push(out, &self.context.uuid()),
            Placeholder::Var(name) => self.write_variable(name, out),
            Placeholder::Capture(name) => return self.capture(name, out),
            Placeholder::Noted(name) => return self.noted(name, out),
            Placeholder::ResponseHeader(name) => match (self.response, name) {
                (Some(headers), name) => joined(headers, name.as_ref(), out),
                (None, Some(name)) => {
                    joined(self.context.notes().response_headers(), Some(name), out);
                }
                (None, None) => {}
            },
            Placeholder::File(file) => file.write(out),
            Placeholder::ShuttingDown(delay) => {
                push(out, if delay.has_begun() { "true" } else { "false" });
            }
            Placeholder::TimeUntilShutdown(delay) => push(out, &delay.left()),
            Placeholder::Now(clock) => world::write(*clock, out),
            Placeholder::Mapped => return false,
        }
        true
    }

    fn body(&self) -> Bytes {
        self.context.notes().body.clone().unwrap_or_default()
    }

    /// The port of the host that was asked; nothing if it has none.
    fn port(&self, out: &mut Vec<u8>) {
        let port = uri::port(host_header(self.headers));
        out.extend_from_slice(port.unwrap_or_default());
    }

    fn label(&self, index: usize, out: &mut Vec<u8>) {
        let host = uri::host(host_header(self.headers));
        let label = host.rsplit(|byte| *byte == b'.').nth(index);
        out.extend_from_slice(label.unwrap_or_default());
    }

    fn tls(&self, value: Tls, out: &mut Vec<u8>) -> bool {
        let Some(tls) = &self.context.connection().tls else {
            return false;
        };
        match value {
            Tls::Version => push(out, tls.version),
            Tls::CipherSuite => push(out, &tls.cipher_suite),
            Tls::Resumed => push(out, if tls.resumed { "true" } else { "false" }),
            Tls::Protocol => push(out, &tls.alpn),
            Tls::ProtocolMutual => push(out, "true"),
            Tls::ServerName => push(out, &tls.server_name),
            Tls::Ech => push(out, "false"),
        }
        true
    }

    /// Writes a variable; nothing if it is not set.
    pub(crate) fn write_variable(&self, name: &str, out: &mut Vec<u8>) {
        let notes = self.context.notes();
        if let Some(value) = notes.var(name) {
            return value.write(out);
        }
        match name {
            "client_ip" => void(write!(out, "{}", self.context.client_ip())),
            "trusted_proxy" => void(write!(out, "{}", self.context.is_trusted_proxy())),
            _ => {}
        }
    }

    fn capture(&self, name: &str, out: &mut Vec<u8>) -> bool {
        let notes = self.context.notes();
        let found = notes.captures.iter().rev().find(|(key, _)| **key == *name);
        if let Some((_, value)) = found {
            push(out, value);
        }
        found.is_some()
    }

    fn noted(&self, name: &str, out: &mut Vec<u8>) -> bool {
        let notes = self.context.notes();
        if let ("http.auth.user.id", Some(user)) = (name, &notes.user) {
            push(out, user);
            return true;
        }
        if let Some(facts) = &notes.proxied
            && facts.write(name, out)
        {
            return true;
        }
        if let Some(seen) = &notes.seen
            && seen.write(name, out)
        {
            return true;
        }
        let found = notes
            .placeholders
            .iter()
            .rev()
            .find(|(key, _)| *key == name);
        if let Some((_, value)) = found {
            push(out, value);
        }
        found.is_some()
    }
}

/// Writing to memory does not fail.
fn void(_: std::io::Result<()>) {}

fn push(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

/// `https` on a TLS connection.
pub(crate) fn scheme(context: &Context) -> &'static str {
    if context.connection().tls.is_some() {
        "https"
    } else {
        "http"
    }
}

/// A version as Go writes it.
fn protocol(version: Version) -> &'static str {
    match version {
        Version::HTTP_09 => "HTTP/0.9",
        Version::HTTP_10 => "HTTP/1.0",
        Version::HTTP_2 => "HTTP/2.0",
        Version::HTTP_3 => "HTTP/3.0",
        _ => "HTTP/1.1",
    }
}

fn host_header(headers: &HeaderMap) -> &[u8] {
    headers
        .get(header::HOST)
        .map_or(&[], http::HeaderValue::as_bytes)
}

fn joined(headers: &HeaderMap, name: Option<&HeaderName>, out: &mut Vec<u8>) {
    let Some(name) = name else { return };
    for (at, value) in headers.get_all(name).iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend_from_slice(value.as_bytes());
    }
}

fn cookie(headers: &HeaderMap, name: &str, out: &mut Vec<u8>) -> bool {
    let pairs = headers
        .get_all(header::COOKIE)
        .iter()
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    for pair in pairs {
        let pair = pair.trim_ascii();
        let Some(equals) = pair.iter().position(|byte| *byte == b'=') else {
            continue;
        };
        let (key, value) = pair.split_at(equals);
        if key.eq_ignore_ascii_case(name.as_bytes()) {
            let value = value.get(1..).unwrap_or_default();
            let quoted = value
                .strip_prefix(b"\"")
                .and_then(|value| value.strip_suffix(b"\""));
            out.extend_from_slice(quoted.unwrap_or(value));
            return true;
        }
    }
    false
}

fn address(address: SocketAddr, end: End, out: &mut Vec<u8>) {
    void(match end {
        End::Whole => write!(out, "{address}"),
        End::Host => write!(out, "{}", address.ip()),
        End::Port => write!(out, "{}", address.port()),
    });
}
