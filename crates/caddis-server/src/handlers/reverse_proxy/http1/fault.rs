//! What can go wrong between a request and the end of its answer.

use std::error::Error;
use std::{fmt, io};

use crate::BodyError;

/// What has gone wrong.
#[derive(Debug)]
pub(in super::super) enum Fault {
    /// The upstream closed the connection where it should have answered.
    Closed,
    /// Its answer is none.
    Malformed(&'static str),
    /// Reading or writing failed.
    Io(io::Error),
    /// The request's body failed.
    Upload(BodyError),
    /// The header of the answer did not come in time.
    TooLate,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Closed => {
                f.write_str("EOF: the upstream closed the connection before it answered")
            }
            Self::Malformed(what) => write!(f, "malformed HTTP response: {what}"),
            Self::Io(error) => error.fmt(f),
            Self::Upload(error) => error.fmt(f),
            Self::TooLate => f.write_str("timeout awaiting response headers"),
        }
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Io(error) => error.source(),
            Self::Upload(error) => error.source(),
            Self::Closed | Self::Malformed(_) | Self::TooLate => None,
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<httparse::Error> for Fault {
    fn from(error: httparse::Error) -> Self {
        Self::Malformed(match error {
            httparse::Error::HeaderName => "invalid name of a header field",
            httparse::Error::HeaderValue => "invalid value of a header field",
            httparse::Error::NewLine => "invalid line end",
            httparse::Error::Status => "invalid status",
            httparse::Error::Token => "invalid token",
            httparse::Error::TooManyHeaders => "too many header fields",
            httparse::Error::Version => "invalid version of HTTP",
        })
    }
}
