//! Handlers: what is done with a request.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Duration, Route, StatusCode};

/// What is done with a request. Closed on purpose: a handler that the server lacks is a compile error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "handler", rename_all = "snake_case")]
pub enum Handler {
    /// Asks who is there.
    Authentication(Authentication),
    /// Fails, for the error routes to answer.
    Error(StaticError),
    /// Edits headers.
    Headers(Headers),
    /// Limits the body.
    RequestBody(RequestBody),
    /// Asks another server.
    ReverseProxy(Box<ReverseProxy>),
    /// Changes the URL for the handlers after it.
    Rewrite(Rewrite),
    /// Answers without asking anyone else.
    StaticResponse(StaticResponse),
    /// Routes within a route.
    Subroute(Subroute),
}

/// Asks who is there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Authentication {
    /// The ways to say it; one is enough.
    pub providers: AuthenticationProviders,
}

/// The ways to say who one is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AuthenticationProviders {
    /// A name and a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_basic: Option<HttpBasic>,
}

/// HTTP basic authentication (RFC 7617).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpBasic {
    /// How passwords are hashed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<Hash>,
    /// Who may come in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<Account>,
    /// What the login is for; `restricted` if empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub realm: String,
    /// Remember passwords that were right; no if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash_cache: Option<HashCache>,
}

/// How passwords are hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "algorithm", rename_all = "snake_case")]
pub enum Hash {
    /// bcrypt, in its modular crypt form.
    Bcrypt {},
}

/// Passwords that were right are remembered. It has no settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HashCache {}

/// Someone who may come in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Account {
    /// The name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub username: String,
    /// The password's hash; a placeholder is filled when the config is loaded.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub password: String,
}

/// Fails, for the error routes to answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StaticError {
    /// What went wrong.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub error: String,
    /// 500 if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_code: Option<StatusCode>,
}

/// Edits headers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Headers {
    /// Of the request, before the handlers after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<HeaderRules>,
    /// Of the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<ResponseHeaderRules>,
}

/// Edits of a header; made in this order: add, set, delete, replace.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HeaderRules {
    /// Further values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub add: BTreeMap<String, Vec<String>>,
    /// Values in place of those that are there.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, Vec<String>>,
    /// Fields to drop, with `*` at either end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub delete: Vec<String>,
    /// Replacements within values; the field `*` is every field.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub replace: BTreeMap<String, Vec<HeaderReplacement>>,
}

/// One replacement within a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HeaderReplacement {
    /// The text to find.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub search: String,
    /// The expression to find.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub search_regexp: String,
    /// What stands there afterwards; `$1` is a group.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub replace: String,
}

/// Edits of a response's header.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResponseHeaderRules {
    /// The edits.
    #[serde(flatten)]
    pub rules: HeaderRules,
    /// Only if the response is like this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require: Option<RequireResponse>,
    /// Edit when the response is written, not when the request comes by.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub deferred: bool,
}

/// What a response must be like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RequireResponse {
    /// Status codes; 4 means 4xx.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub status_code: Vec<u16>,
    /// Header fields, as the `header` matcher has them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Option<Vec<String>>>,
}

/// Limits the body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RequestBody {
    /// The most bytes; without limit if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_size: Option<u64>,
    /// For reading it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_timeout: Option<Duration>,
    /// For the response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_timeout: Option<Duration>,
    /// A body in place of the client's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub set: String,
}

/// Asks another server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReverseProxy {
    /// How it is asked; over HTTP if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transport: Option<Transport>,
    /// The servers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub upstreams: Vec<Upstream>,
    /// How often answers are flushed; -1 for at once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flush_interval: Option<Duration>,
    /// The proxies whose forwarded headers are believed, beside the server's.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trusted_proxies: Vec<String>,
    /// Edits of headers on the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headers: Option<ProxyHeaders>,
}

/// Edits of headers on the way to an upstream and back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ProxyHeaders {
    /// Up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request: Option<HeaderRules>,
    /// Down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response: Option<ResponseHeaderRules>,
}

/// How an upstream is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "protocol", rename_all = "snake_case")]
pub enum Transport {
    /// HTTP.
    Http(Box<HttpTransport>),
}

/// Asking over HTTP.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct HttpTransport {
    /// Over TLS, if given. It has no settings yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<UpstreamTls>,
    /// For the connection; 3 s if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dial_timeout: Option<Duration>,
    /// For the answer's header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub response_header_timeout: Option<Duration>,
    /// For each read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub read_timeout: Option<Duration>,
    /// For each write.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub write_timeout: Option<Duration>,
    /// `1.1`, `2`, `h2c`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub versions: Vec<String>,
}

/// Asking over TLS, verified with the system's roots. It has no settings yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UpstreamTls {}

/// One server to ask.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Upstream {
    /// `host:port`, `unix//path`, or text with a placeholder.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub dial: String,
}

/// Changes the URL for the handlers after it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rewrite {
    /// Another method.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// Another path and query.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub uri: String,
    /// Taken away at the start of the path.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub strip_path_prefix: String,
    /// Taken away at the end of the path.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub strip_path_suffix: String,
}

/// Answers without asking anyone else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StaticResponse {
    /// 200 if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_code: Option<StatusCode>,
    /// The header.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, Vec<String>>,
    /// The body.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// Close the connection afterwards.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub close: bool,
    /// Close the connection without an answer.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub abort: bool,
}

impl StaticResponse {
    /// A response with a status and nothing else.
    pub fn status(status: impl Into<StatusCode>) -> Self {
        Self {
            status_code: Some(status.into()),
            ..Self::default()
        }
    }

    /// With a header field.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers
            .entry(name.into())
            .or_default()
            .push(value.into());
        self
    }

    /// With a body.
    #[must_use]
    pub fn body(mut self, body: impl Into<String>) -> Self {
        self.body = body.into();
        self
    }
}

impl From<StaticResponse> for Handler {
    fn from(handler: StaticResponse) -> Self {
        Self::StaticResponse(handler)
    }
}

/// Routes within a route.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Subroute {
    /// In order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
    /// What answers a request that failed in them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub errors: Option<crate::ErrorRoutes>,
}
