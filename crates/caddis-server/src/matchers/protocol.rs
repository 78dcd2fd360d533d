//! `protocol`: plain or TLS, the version of HTTP, or gRPC.

use http::{Version, header};

use super::Look;

/// What a `protocol` matcher asks for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Protocol {
    Plain,
    Tls,
    Grpc,
    Exactly(Version),
    AtLeast(Version),
    /// Caddy takes any text, and one that it does not know matches nothing.
    Unknown,
}

impl Protocol {
    pub(super) fn read(name: &str) -> Self {
        match name {
            "http" => Self::Plain,
            "https" => Self::Tls,
            "grpc" => Self::Grpc,
            "http/1.0" => Self::Exactly(Version::HTTP_10),
            "http/1.0+" => Self::AtLeast(Version::HTTP_10),
            "http/1.1" => Self::Exactly(Version::HTTP_11),
            "http/1.1+" => Self::AtLeast(Version::HTTP_11),
            "http/2" => Self::Exactly(Version::HTTP_2),
            "http/2+" => Self::AtLeast(Version::HTTP_2),
            "http/3" => Self::Exactly(Version::HTTP_3),
            "http/3+" => Self::AtLeast(Version::HTTP_3),
            _ => Self::Unknown,
        }
    }

    pub(super) fn matches(self, look: &Look<'_>) -> bool {
        let is_tls = look.values.context.connection().tls.is_some();
        match self {
            Self::Plain => !is_tls,
            Self::Tls => is_tls,
            Self::Grpc => {
                let kind = look.request.headers().get(header::CONTENT_TYPE);
                kind.is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"))
            }
            Self::Exactly(version) => look.request.version() == version,
            Self::AtLeast(version) => look.request.version() >= version,
            Self::Unknown => false,
        }
    }
}
