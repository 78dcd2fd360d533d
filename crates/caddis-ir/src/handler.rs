//! Handlers: what is done with a request.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::scalar::{limit, lists, number_of_nanoseconds, status};
use crate::{
    AcmeServer, CopyResponse, CopyResponseHeaders, Duration, Encode, FileServer, Headers,
    Intercept, Invoke, LogAppend, MapHandler, MetricsHandler, Push, RateLimit, ReverseProxy,
    Rewrite, Route, StatusCode, Templates, Tracing, Vars,
};

/// What is done with a request. Closed on purpose: a handler that the server lacks is a compile error.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "handler", rename_all = "snake_case")]
pub enum Handler {
    /// Signs certificates for others, over ACME.
    AcmeServer(AcmeServer),
    /// Asks who is there.
    Authentication(Authentication),
    /// Sends the answer that is being handled.
    CopyResponse(CopyResponse),
    /// Copies header fields of the answer that is being handled.
    CopyResponseHeaders(CopyResponseHeaders),
    /// Compresses answers.
    Encode(Box<Encode>),
    /// Fails, for the error routes to answer.
    Error(StaticError),
    /// Serves files.
    FileServer(Box<FileServer>),
    /// Edits headers.
    Headers(Headers),
    /// Looks at answers on their way to the client.
    Intercept(Box<Intercept>),
    /// Runs a named route.
    Invoke(Invoke),
    /// Adds a field to the access log.
    LogAppend(LogAppend),
    /// Fills placeholders by what another one says.
    Map(MapHandler),
    /// Answers with the server's metrics.
    Metrics(MetricsHandler),
    /// Sends resources before they are asked for.
    Push(Push),
    /// Answers 429 to requests that come too often.
    RateLimit(RateLimit),
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
    /// Runs templates over answers.
    Templates(Templates),
    /// Traces requests.
    Tracing(Tracing),
    /// Sets variables of the request.
    Vars(Vars),
}

impl Handler {
    /// The name of its module.
    pub fn name(&self) -> &'static str {
        match self {
            Self::AcmeServer(_) => "acme_server",
            Self::Authentication(_) => "authentication",
            Self::CopyResponse(_) => "copy_response",
            Self::CopyResponseHeaders(_) => "copy_response_headers",
            Self::Encode(_) => "encode",
            Self::Error(_) => "error",
            Self::FileServer(_) => "file_server",
            Self::Headers(_) => "headers",
            Self::Intercept(_) => "intercept",
            Self::Invoke(_) => "invoke",
            Self::LogAppend(_) => "log_append",
            Self::Map(_) => "map",
            Self::Metrics(_) => "metrics",
            Self::Push(_) => "push",
            Self::RateLimit(_) => "rate_limit",
            Self::RequestBody(_) => "request_body",
            Self::ReverseProxy(_) => "reverse_proxy",
            Self::Rewrite(_) => "rewrite",
            Self::StaticResponse(_) => "static_response",
            Self::Subroute(_) => "subroute",
            Self::Templates(_) => "templates",
            Self::Tracing(_) => "tracing",
            Self::Vars(_) => "vars",
        }
    }
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
#[serde(tag = "algorithm", rename_all = "snake_case", deny_unknown_fields)]
pub enum Hash {
    /// Argon2id, in its modular crypt form.
    Argon2id {},
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
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "status")]
    pub status_code: Option<StatusCode>,
}

/// Limits the body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RequestBody {
    /// The most bytes; without limit if not given.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "limit")]
    pub max_size: Option<u64>,
    /// For reading it.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "number_of_nanoseconds"
    )]
    pub read_timeout: Option<Duration>,
    /// For the response.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "number_of_nanoseconds"
    )]
    pub write_timeout: Option<Duration>,
    /// A body in place of the client's.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub set: String,
}

/// Answers without asking anyone else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StaticResponse {
    /// 200 if not given.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "status")]
    pub status_code: Option<StatusCode>,
    /// The header.
    #[serde(skip_serializing_if = "BTreeMap::is_empty", deserialize_with = "lists")]
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
