//! The names of placeholders, and which of Caddy's are there.

use std::sync::Arc;

use http::HeaderName;

use super::file::KeptFile;
use super::uri::UriPart;
use super::world::{self, Clock};
use crate::client_certificate::Fact;
use crate::handlers::seen_answers::{INTERCEPTED, PROXIED, is_canonical};
use crate::{Environment, ShutdownDelay};

/// Where the value of a placeholder comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Placeholder {
    /// The method as it is now.
    Method,
    /// The method as it was sent.
    OriginalMethod,
    /// `http` or `https`.
    Scheme,
    /// `HTTP/1.1`, `HTTP/2.0`.
    Protocol,
    /// The host with its port.
    HostPort,
    /// The host alone.
    Host,
    /// The port of the host.
    Port,
    /// A label of the host, counted from the right.
    HostLabel(usize),
    /// The target as it is now.
    Uri(UriPart),
    /// The target as it was sent.
    OriginalUri(UriPart),
    /// A field of the request's header; `None` for a name that no header can have.
    Header(Option<HeaderName>),
    /// A cookie.
    Cookie(Box<str>),
    /// The other end.
    Remote(End),
    /// Our end.
    Local(End),
    /// What the TLS handshake found out.
    Tls(Tls),
    /// What the client's certificate says.
    Client(Fact),
    /// How long the request has been served.
    Duration,
    /// The same, in milliseconds.
    DurationMs,
    /// The body, as it is.
    Body,
    /// The body in base64.
    BodyBase64,
    /// A random id of the request.
    Uuid,
    /// A variable.
    Var(Box<str>),
    /// A group of a regular expression, as `name.group`.
    Capture(Box<str>),
    /// What a handler noted under this name.
    Noted(Box<str>),
    /// A field of the response's header.
    ResponseHeader(Option<HeaderName>),
    /// What a file says.
    File(KeptFile),
    /// Whether the server is about to stop.
    ShuttingDown(Arc<ShutdownDelay>),
    /// How long it will be there.
    TimeUntilShutdown(Arc<ShutdownDelay>),
    /// The time of day.
    Now(Clock),
    /// Filled by a `map` alone.
    Mapped,
}

impl Placeholder {
    /// Whether it is the query of the request.
    pub(super) fn is_whole_query(&self) -> bool {
        matches!(self, Self::Uri(UriPart::Query))
    }
}

/// An end of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Address and port.
    Whole,
    /// The address.
    Host,
    /// The port.
    Port,
}

/// What a TLS handshake found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    Version,
    CipherSuite,
    Resumed,
    Protocol,
    ProtocolMutual,
    ServerName,
    Ech,
}

/// What a name stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// A value per request.
    Value(Placeholder),
    /// A value that is the same for every request.
    Constant(String),
    /// Caddy has it, and caddis has not.
    NotYet,
    /// Nobody has it.
    Nobodys,
}

/// Reads a name, without its braces.
pub(super) fn read(name: &str, environment: &Environment) -> Read {
    match read_known(name, environment) {
        Read::Nobodys if environment.mapped.contains(name) => Read::Value(Placeholder::Mapped),
        read => read,
    }
}

fn read_known(name: &str, environment: &Environment) -> Read {
    if let Some(rest) = name.strip_prefix("http.request.").filter(|_| fills(name)) {
        return request(rest);
    }
    if let Some(rest) = name.strip_prefix("http.vars.") {
        return Read::Value(Placeholder::Var(rest.into()));
    }
    if let Some(rest) = name.strip_prefix("http.regexp.") {
        return Read::Value(Placeholder::Capture(rest.into()));
    }
    if let Some(path) = name.strip_prefix("file.") {
        return Read::Value(Placeholder::File(KeptFile::read(path)));
    }
    if let Some(rest) = name.strip_prefix("http.response.header.") {
        return Read::Value(Placeholder::ResponseHeader(rest.parse().ok()));
    }
    if !fills(name) {
        return Read::NotYet;
    }
    let shutdown = || Arc::clone(&environment.shutdown);
    match name {
        "http.shutting_down" => return Read::Value(Placeholder::ShuttingDown(shutdown())),
        "http.time_until_shutdown" => {
            return Read::Value(Placeholder::TimeUntilShutdown(shutdown()));
        }
        _ => {}
    }
    let of_answer = [PROXIED, INTERCEPTED].iter();
    let mut of_answer = of_answer.filter_map(|prefix| name.strip_prefix(prefix));
    if of_answer.any(|field| !is_canonical(field)) {
        return Read::Nobodys;
    }
    let noted = [
        "http.auth.user.",
        "http.error.",
        "http.intercept.",
        "http.matchers.file.",
        "http.rate_limit.",
        "http.reverse_proxy.",
    ];
    if noted.iter().any(|prefix| name.starts_with(prefix)) {
        return Read::Value(Placeholder::Noted(name.into()));
    }
    world::read(name, environment)
}

/// What is said of a placeholder that caddis has not.
pub(super) fn not_yet(name: &str) -> String {
    format!("`{{{name}}}` is a placeholder of Caddy that caddis does not have yet")
}

/// False for the name of a placeholder that Caddy fills and caddis does not yet.
pub fn fills(name: &str) -> bool {
    !NOT_YET.iter().any(|prefix| name.starts_with(prefix))
}

/// How the names begin that Caddy has and caddis has not.
const NOT_YET: [&str; 1] = ["http.handlers."];

fn request(name: &str) -> Read {
    if let Some(value) = exact(name) {
        return Read::Value(value);
    }
    if let Some(part) = name.strip_prefix("uri").and_then(UriPart::read) {
        return Read::Value(Placeholder::Uri(part));
    }
    if let Some(part) = name
        .strip_prefix("orig_uri")
        .and_then(UriPart::read_original)
    {
        return Read::Value(Placeholder::OriginalUri(part));
    }
    if let Some(fact) = name.strip_prefix("tls.client.") {
        return Fact::read(fact)
            .map_or(Read::Nobodys, |fact| Read::Value(Placeholder::Client(fact)));
    }
    if let Some(field) = name.strip_prefix("header.") {
        return Read::Value(Placeholder::Header(field.parse().ok()));
    }
    if let Some(cookie) = name.strip_prefix("cookie.") {
        return Read::Value(Placeholder::Cookie(cookie.into()));
    }
    if let Some(label) = name.strip_prefix("host.labels.") {
        return match label.parse() {
            Ok(label) => Read::Value(Placeholder::HostLabel(label)),
            Err(_) => Read::Nobodys,
        };
    }
    Read::Nobodys
}

fn exact(name: &str) -> Option<Placeholder> {
    Some(match name {
        "method" => Placeholder::Method,
        "orig_method" => Placeholder::OriginalMethod,
        "scheme" => Placeholder::Scheme,
        "proto" => Placeholder::Protocol,
        "hostport" => Placeholder::HostPort,
        "host" => Placeholder::Host,
        "port" => Placeholder::Port,
        "remote" => Placeholder::Remote(End::Whole),
        "remote.host" => Placeholder::Remote(End::Host),
        "remote.port" => Placeholder::Remote(End::Port),
        "local" => Placeholder::Local(End::Whole),
        "local.host" => Placeholder::Local(End::Host),
        "local.port" => Placeholder::Local(End::Port),
        "tls.version" => Placeholder::Tls(Tls::Version),
        "tls.cipher_suite" => Placeholder::Tls(Tls::CipherSuite),
        "tls.resumed" => Placeholder::Tls(Tls::Resumed),
        "tls.proto" => Placeholder::Tls(Tls::Protocol),
        "tls.proto_mutual" => Placeholder::Tls(Tls::ProtocolMutual),
        "tls.server_name" => Placeholder::Tls(Tls::ServerName),
        "tls.ech" => Placeholder::Tls(Tls::Ech),
        "body" => Placeholder::Body,
        "body_base64" => Placeholder::BodyBase64,
        "duration" => Placeholder::Duration,
        "duration_ms" => Placeholder::DurationMs,
        "uuid" => Placeholder::Uuid,
        _ => return None,
    })
}
