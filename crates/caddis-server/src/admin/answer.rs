//! What the admin endpoint answers: JSON, nothing, or why it refuses.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::{BuildError, LoadError};

/// Why a request is refused.
#[derive(Clone, Debug)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) message: String,
    /// What is wrong in a config, each with its place.
    pub(super) faults: Vec<BuildError>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            faults: Vec::new(),
        }
    }

    /// The client did something wrong.
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, message)
    }

    /// A config that is not served.
    pub(super) fn of(error: LoadError, status: StatusCode) -> Self {
        Self {
            status,
            message: error.to_string(),
            faults: error.faults,
        }
    }

    /// The method is none that the path has.
    pub(super) fn method(method: &http::Method, allowed: &str) -> Self {
        let message = format!("`{method}` is not possible here; send {allowed}");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, message)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = json!({ "error": self.message });
        if !self.faults.is_empty() {
            let faults = self.faults.iter().map(|fault| {
                let mut shown = json!({ "path": fault.path.to_string(), "message": fault.message });
                if let Some(help) = &fault.help {
                    shown["help"] = help.as_str().into();
                }
                shown
            });
            body["faults"] = faults.collect();
        }
        let mut response = (self.status, json_body(&body)).into_response();
        response.extensions_mut().insert(Told(self));
        response
    }
}

/// What the log is told of a refusal.
#[derive(Clone)]
pub(super) struct Told(pub(super) Refusal);

/// An answer in JSON, with a new line at its end.
pub(super) fn json_body(value: &Value) -> impl IntoResponse + use<> {
    as_json(written(value))
}

/// A text that is JSON already.
pub(super) fn as_json(text: String) -> impl IntoResponse {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json)], text)
}

/// JSON as Caddy writes it in answers.
pub(super) fn written(value: &Value) -> String {
    let mut text = caddis_ir::escaped(&value.to_string());
    text.push('\n');
    text
}
