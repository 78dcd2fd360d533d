//! The jobs that are measured.

use clap::ValueEnum;

/// How many connections ask at once.
pub(crate) const CONNECTIONS: usize = 64;
/// How many streams are open at once.
pub(crate) const STREAMS: usize = 200;

/// One kind of work for a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Job {
    /// Requests over HTTP/1.1
    Http1,
    /// Requests over HTTP/1.1 and TLS
    Https1,
    /// Requests over HTTP/2 and TLS
    Https2,
    /// A TLS handshake for each request
    Handshakes,
    /// Streams of NDJSON over HTTP/1.1
    Streams,
    /// Streams of NDJSON over HTTP/1.1 and TLS
    StreamsTls,
}

impl Job {
    pub(crate) const ALL: &[Self] = &[
        Self::Http1,
        Self::Https1,
        Self::Https2,
        Self::Handshakes,
        Self::Streams,
        Self::StreamsTls,
    ];

    /// What the table calls it.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Http1 => "HTTP/1.1 + bearer",
            Self::Https1 => "HTTPS/1.1 + bearer",
            Self::Https2 => "HTTPS/2 + bearer",
            Self::Handshakes => "full TLS handshake + 1 request",
            Self::Streams => "200 NDJSON streams",
            Self::StreamsTls => "200 NDJSON streams, TLS",
        }
    }

    /// What is counted.
    pub(crate) fn unit(self) -> &'static str {
        match self {
            Self::Http1 | Self::Https1 | Self::Https2 => "request",
            Self::Handshakes => "handshake",
            Self::Streams | Self::StreamsTls => "token",
        }
    }

    /// Whether it is spoken over TLS.
    pub(crate) fn is_encrypted(self) -> bool {
        match self {
            Self::Http1 | Self::Streams => false,
            Self::Https1 | Self::Https2 | Self::Handshakes | Self::StreamsTls => true,
        }
    }
}
