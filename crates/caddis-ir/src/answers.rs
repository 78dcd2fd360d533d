//! Handlers that deal with the answers of other handlers.

use serde::{Deserialize, Serialize};

/// Looks at answers on their way to the client, and may answer in their place.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Intercept {}

/// Sends the answer that is being handled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CopyResponse {}

/// Copies header fields of the answer that is being handled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CopyResponseHeaders {}
