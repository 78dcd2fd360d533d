//! `request_body`: a limit on what a client sends.

use std::fmt;

use http::StatusCode;

use crate::HandlerError;

/// A body that is larger than it may be.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TooLarge {
    limit: u64,
}

impl fmt::Display for TooLarge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "http: request body too large: `request_body` allows {} bytes",
            self.limit
        )
    }
}

impl std::error::Error for TooLarge {}

impl From<TooLarge> for HandlerError {
    fn from(error: TooLarge) -> Self {
        Self::status(StatusCode::PAYLOAD_TOO_LARGE).because(error)
    }
}
