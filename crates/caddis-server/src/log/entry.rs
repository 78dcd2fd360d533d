//! One entry of a log, before it is written.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, Uri};
use serde_json::Value;

use crate::record::Failure;
use crate::{Context, Head};

/// How much an entry matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Level {
    /// For those who look for a fault.
    Debug,
    /// What happens.
    Info,
    /// What may be wrong.
    Warn,
    /// What is wrong.
    Error,
}

impl Level {
    /// Reads a level as a config has it; Caddy's two highest stand for nothing that goes on afterwards.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.to_ascii_uppercase().as_str() {
            "DEBUG" => Some(Self::Debug),
            "INFO" | "" => Some(Self::Info),
            "WARN" => Some(Self::Warn),
            "ERROR" | "DPANIC" | "PANIC" | "FATAL" => Some(Self::Error),
            _ => None,
        }
    }

    /// The number that journald reads, of syslog's (RFC 5424, 6.2.1).
    pub(super) fn priority(self) -> &'static str {
        match self {
            Self::Debug => "<7>",
            Self::Info => "<6>",
            Self::Warn => "<4>",
            Self::Error => "<3>",
        }
    }

    pub(super) fn lower(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

impl From<&tracing::Level> for Level {
    fn from(level: &tracing::Level) -> Self {
        match *level {
            tracing::Level::ERROR => Self::Error,
            tracing::Level::WARN => Self::Warn,
            tracing::Level::INFO => Self::Info,
            tracing::Level::DEBUG | tracing::Level::TRACE => Self::Debug,
        }
    }
}

/// One entry.
#[derive(Debug)]
pub(crate) struct Entry {
    /// When it happened.
    pub(crate) at: SystemTime,
    /// How much it matters.
    pub(crate) level: Level,
    /// The logger's name; empty for what belongs to no part.
    pub(crate) logger: Cow<'static, str>,
    /// What happened.
    pub(crate) message: String,
    /// What is known of it.
    pub(crate) about: About,
}

/// What an entry is about.
#[derive(Debug)]
pub(crate) enum About {
    /// Some event with its fields.
    Event(Vec<(&'static str, Value)>),
    /// A request that was answered, or was not.
    Access(Arc<Access>),
    /// A request that failed.
    Failed(Arc<Failed>),
}

/// What was asked, and by whom.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) context: Context,
    pub(crate) head: Arc<Head>,
    /// Credentials and cookies are written as they are.
    pub(crate) with_credentials: bool,
}

/// A request that was answered.
#[derive(Debug)]
pub(crate) struct Access {
    pub(crate) asked: Asked,
    /// The bytes of the request's body that were read.
    pub(crate) bytes_read: u64,
    pub(crate) user: String,
    pub(crate) duration: Duration,
    /// The bytes of the response's body that were sent.
    pub(crate) size: u64,
    /// Zero if there was no answer.
    pub(crate) status: u16,
    pub(crate) response_headers: HeaderMap,
    /// Fields that handlers add.
    pub(crate) more: Vec<(String, Value)>,
}

/// A request that failed.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) asked: Asked,
    pub(crate) duration: Duration,
    /// Why.
    pub(crate) first: Failure,
    /// Why the error route failed too, as a text.
    pub(crate) again: Option<String>,
}

/// The host that a request is for, as the client wrote it.
pub(crate) fn host<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> &'a str {
    let authority = uri.authority().map(http::uri::Authority::as_str);
    authority
        .or_else(|| headers.get(http::header::HOST)?.to_str().ok())
        .unwrap_or_default()
}
