//! `precompressed`: which forms of a file a client takes, and in which order.

use http::{HeaderMap, HeaderName, header};

/// A form that may lie beside a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    Zstd,
}

impl Encoding {
    /// The form of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "br" => Self::Brotli,
            "gzip" => Self::Gzip,
            "zstd" => Self::Zstd,
            _ => return None,
        })
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// How the names of its files end.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Zstd => ".zst",
        }
    }
}

const WEBSOCKET_KEY: HeaderName = HeaderName::from_static("sec-websocket-key");

/// Below this, a client does not take it.
const NOT_AT_ALL: f32 = 0.000_01;

/// What a client takes of what there is: by its own preference first, then by ours, which is the order of `offered`.
pub(super) fn accepted(headers: &HeaderMap, offered: &[(Encoding, usize)]) -> Vec<Encoding> {
    if offered.is_empty() || headers.contains_key(WEBSOCKET_KEY) {
        return Vec::new();
    }
    let field = headers.get(header::ACCEPT_ENCODING);
    let field = field.map(|field| String::from_utf8_lossy(field.as_bytes()));
    let mut taken: Vec<(f32, usize, Encoding)> = Vec::new();
    for element in field.as_deref().unwrap_or_default().split(',') {
        let mut parts = element
            .split(';')
            .map(|part| part.trim().to_ascii_lowercase());
        let name = parts.next().unwrap_or_default();
        let quality = parts.next().map_or(1.0, |part| quality(&part));
        if quality < NOT_AT_ALL {
            continue;
        }
        let offer = offered.iter().find(|(offer, _)| offer.name() == name);
        taken.extend(offer.map(|(encoding, order)| (quality, *order, *encoding)));
    }
    taken.sort_by(|(one, first, _), (other, second, _)| {
        if (one - other).abs() < NOT_AT_ALL {
            first.cmp(second)
        } else {
            other.total_cmp(one)
        }
    });
    taken.into_iter().map(|(_, _, encoding)| encoding).collect()
}

/// The number in `q=0.5`; 1 if it is none.
fn quality(parameter: &str) -> f32 {
    let number = parameter
        .strip_prefix("q=")
        .and_then(|number| number.parse().ok());
    number
        .filter(|number| (0.0..=1.0).contains(number))
        .unwrap_or(1.0)
}
