//! Handlers that deal with the answers of other handlers.

use serde::{Deserialize, Serialize};

use crate::scalar::status;
use crate::{RequireResponse, Route, StatusCode};

/// Looks at answers on their way to the client, and may answer in their place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Intercept {
    /// What is done with which answer; the first that matches is taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub handle_response: Vec<ResponseHandler>,
}

/// What is done with the answers that match: another status, or routes that answer in their place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResponseHandler {
    /// What an answer must be like; every answer if not given.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub require: Option<RequireResponse>,
    /// The status in place of the answer's; routes are not looked at then.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "status")]
    pub status_code: Option<StatusCode>,
    /// What answers in its place; the answer goes on as it is if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
}

/// Sends the answer that is being handled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CopyResponse {
    /// The status in place of the answer's.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "status")]
    pub status_code: Option<StatusCode>,
}

/// Copies header fields of the answer that is being handled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CopyResponseHeaders {
    /// These fields; all if empty.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// All but these fields.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
}
