//! How a handler fails, and whose fault it was.

use std::fmt;

use http::StatusCode;

/// Whose fault it was that a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The client's.
    Client,
    /// The upstream's.
    Upstream,
    /// Ours, or the config's.
    Us,
}

/// Why a handler has no response: error routes or a plain page answer instead.
#[derive(Debug)]
pub struct HandlerError {
    /// What the client is told; `None` closes the connection without an answer.
    pub status: Option<StatusCode>,
    /// What is logged, if there is more to say than the status.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// Whose fault it was.
    pub side: Side,
    /// Nothing more can be read from this connection.
    pub close: bool,
}

impl HandlerError {
    /// An error that answers with a status; whose fault it was is read off the status.
    pub fn status(status: StatusCode) -> Self {
        let side = match status {
            StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT => Side::Upstream,
            status if status.is_server_error() => Side::Us,
            _ => Side::Client,
        };
        Self {
            status: Some(status),
            source: None,
            side,
            close: false,
        }
    }

    /// Closes the connection without an answer.
    pub fn abort() -> Self {
        Self {
            status: None,
            source: None,
            side: Side::Us,
            close: true,
        }
    }

    /// Says in the log what happened.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Closes the connection after the answer.
    #[must_use]
    pub fn closing(mut self) -> Self {
        self.close = true;
        self
    }
}

impl fmt::Display for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.status, &self.source) {
            (_, Some(source)) => source.fmt(f),
            (Some(status), None) => status.fmt(f),
            (None, None) => f.write_str("aborted"),
        }
    }
}

impl std::error::Error for HandlerError {}
