//! Why a template was not rendered.

use std::fmt;

/// Why a template was not rendered, and the status that it asked for if it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub message: String,
    /// The status that the template answers with (`httpError`).
    pub status: Option<u16>,
    is_placed: bool,
}

/// What a template, or a part of it, comes to.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Something is wrong.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            status: None,
            is_placed: false,
        }
    }

    /// The template answers with a status.
    pub fn status(status: u16) -> Self {
        Self {
            status: Some(status),
            ..Self::new(format!("the template answers {status}"))
        }
    }

    /// Says where, if nobody nearer has said it.
    pub(crate) fn at(mut self, template: &str, line: usize) -> Self {
        if !self.is_placed {
            self.message = format!("template: {template}:{line}: {}", self.message);
            self.is_placed = true;
        }
        self
    }

    /// Says in which function, if no place is said yet.
    pub(crate) fn calling(mut self, function: &str) -> Self {
        if !self.is_placed && self.status.is_none() {
            self.message = format!("error calling {function}: {}", self.message);
        }
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}
