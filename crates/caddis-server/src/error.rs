//! How a handler fails, and whose fault it was.

use std::fmt;
use std::panic::Location;

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
    /// Where in this program it was found.
    pub found: &'static Location<'static>,
}

impl HandlerError {
    /// An error that answers with a status; whose fault it was is read off the status.
    #[track_caller]
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
            found: Location::caller(),
        }
    }

    /// Closes the connection without an answer.
    #[track_caller]
    pub fn abort() -> Self {
        Self {
            status: None,
            source: None,
            side: Side::Us,
            close: true,
            found: Location::caller(),
        }
    }

    /// Where in this program it was found, for those who look for a fault: `handlers/error.rs:31`.
    pub(crate) fn trace(&self) -> String {
        let file = self.found.file();
        let file = file.rsplit_once("src/").map_or(file, |(_, file)| file);
        format!("{file}:{}", self.found.line())
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
