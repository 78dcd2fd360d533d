//! A script, as it was written: the world it runs in, and its cases.

use std::time::Duration;

use caddis_source::{FileId, Span};
use http::{HeaderName, HeaderValue, Method, StatusCode, Uri};
use serde_json::Value;

use crate::Pattern;

/// One `.ctest` file.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The file's text.
    pub file: FileId,
    /// The Caddyfile under test.
    pub config: Text,
    /// Environment variables of the server.
    pub env: Vec<(String, String)>,
    /// Files beside the Caddyfile.
    pub files: Vec<(String, String)>,
    /// Users whose hash check is made instant.
    pub passwords: Vec<Password>,
    /// The upstreams that stand in for the real ones.
    pub upstreams: Vec<Upstream>,
    /// What is tried.
    pub cases: Vec<Case>,
}

/// A text that stands in the script or in a file of its own.
#[derive(Clone, Debug)]
pub enum Text {
    /// The path, relative to the script.
    Path(String, Span),
    /// The text itself.
    Here(String, Span),
}

/// A user's password in the clear.
#[derive(Clone, Debug)]
pub struct Password {
    /// The user's name.
    pub user: String,
    /// The password.
    pub plain: String,
    /// Whether the hash in the config is used as it stands.
    pub real: bool,
    /// The line.
    pub span: Span,
}

/// A stand-in for an upstream.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// What expectations call it.
    pub name: String,
    /// The address that the config has: `host:port`.
    pub address: String,
    /// Its answers.
    pub stubs: Vec<Stub>,
    /// The line.
    pub span: Span,
}

/// A canned answer.
#[derive(Clone, Debug)]
pub struct Stub {
    /// The method that it answers; `None` for every method.
    pub method: Option<Method>,
    /// The path that it answers: with a query if the pattern has one.
    pub path: Pattern,
    /// What it answers.
    pub reply: Reply,
}

/// What a stub answers.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// Header fields.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body, piece by piece.
    pub body: Vec<Piece>,
}

/// A piece of a stub's body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A line; several lines are sent at once, with a line end between them.
    Line(String),
    /// A chunk with a line end after it, sent on its own, some time after the one before.
    Chunk(Duration, String),
}

/// Some steps against a server that was started for them.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it shows.
    pub title: String,
    /// The line of the title.
    pub span: Span,
    /// Variables that differ from the script's.
    pub env: Vec<(String, String)>,
    /// The requests, in order.
    pub steps: Vec<Step>,
}

/// One request and what must come of it.
#[derive(Clone, Debug)]
pub struct Step {
    /// What it shows, if it says so.
    pub title: String,
    /// Who asks; loopback if nobody is named.
    pub peer: Option<std::net::IpAddr>,
    /// The protocol spoken.
    pub protocol: Protocol,
    /// How often the request is sent.
    pub repeat: u32,
    /// How far the clock is put forward before.
    pub advance: Duration,
    /// What is sent.
    pub request: Request,
    /// What the upstreams answer in this step instead.
    pub answers: Vec<(String, Override)>,
    /// What must come of it.
    pub expectations: Vec<Expectation>,
}

/// The protocol of a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// HTTP/1.1.
    #[default]
    H1,
    /// HTTP/2: by ALPN over TLS, else with prior knowledge.
    H2,
}

/// What is sent.
#[derive(Clone, Debug)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole URL: it chooses the listener, too.
    pub url: Uri,
    /// Header fields beside those that every request has.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: RequestBody,
    /// The line.
    pub span: Span,
}

/// Where a request's body comes from.
#[derive(Clone, Debug, Default)]
pub enum RequestBody {
    /// There is none.
    #[default]
    None,
    /// Lines, with a line end between them.
    Lines(Vec<String>),
    /// A file, relative to the script.
    File(String),
    /// That many bytes.
    Filler(u64),
}

/// What a stub does for once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Override {
    /// Answers with this status and nothing else.
    Status(StatusCode),
    /// Takes no connection.
    Refuse,
    /// Takes the request and never answers.
    Timeout,
}

/// A line that says what must come of a request.
#[derive(Clone, Debug)]
pub struct Expectation {
    /// What must be so.
    pub what: Expected,
    /// The line.
    pub span: Span,
}

/// What must be so.
#[derive(Clone, Debug)]
pub enum Expected {
    /// The answer's status.
    Status(StatusCode),
    /// The connection ends without an answer.
    Aborted,
    /// A header field of the answer with a value like this.
    Header(HeaderName, Pattern),
    /// No such header field in the answer.
    Absent(HeaderName),
    /// A line of the answer's body; all of them together are the body.
    Body(BodyLine),
    /// The answer's body holds at least this.
    Json(Value),
    /// A chunk that came before the next one was made.
    Chunk(Pattern),
    /// No upstream was asked.
    NothingSeen,
    /// An upstream was asked for this; the lines after it are about that request.
    Seen(String, Method, Pattern),
    /// A header field that the upstream got.
    SeenHeader(HeaderName, Pattern),
    /// A header field that the upstream did not get.
    SeenAbsent(HeaderName),
    /// A line of the body that the upstream got.
    SeenBody(BodyLine),
    /// A log entry of this level that holds at least this.
    Log(String, Value),
}

/// A line of a body.
#[derive(Clone, Debug)]
pub enum BodyLine {
    /// A line like this.
    Like(Pattern),
    /// Any number of lines.
    Skip,
}
