//! Which encodings a client takes, the best first.

use http::header::{ACCEPT_ENCODING, CACHE_CONTROL, SEC_WEBSOCKET_KEY};
use http::{HeaderMap, HeaderName};

/// Qualities that are closer than this are the same.
const SAME: f32 = 0.00001;

/// Whether a request or an answer lets its encoding be changed.
pub(super) fn may_change(headers: &HeaderMap) -> bool {
    let cache = first(headers, &CACHE_CONTROL);
    memchr::memmem::find(cache, b"no-transform").is_none()
}

/// The place of the encoding, of those that there are, that a client takes most gladly.
///
/// `offered` are their names; those in `preferred` are better, the first best, where the client has no preference.
pub(super) fn choose(headers: &HeaderMap, offered: &[&str], preferred: &[&str]) -> Option<usize> {
    let accepted = first(headers, &ACCEPT_ENCODING);
    if accepted.is_empty() || !first(headers, &SEC_WEBSOCKET_KEY).is_empty() {
        return None;
    }
    let mut best: Option<(f32, usize, usize)> = None;
    for item in accepted.split(|byte| *byte == b',') {
        let mut parts = item.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
        let name = parts.next().unwrap_or_default();
        let is_named = |known: &&str| name.eq_ignore_ascii_case(known.as_bytes());
        let Some(place) = offered.iter().position(is_named) else {
            continue;
        };
        let quality = parts.next().map_or(1.0, quality);
        if quality < SAME {
            continue;
        }
        let rank = preferred.iter().position(is_named);
        let rank = rank.map_or(0, |rank| preferred.len() - rank);
        let is_better = best.is_none_or(|(best, best_rank, _)| {
            if (quality - best).abs() < SAME {
                rank > best_rank
            } else {
                quality > best
            }
        });
        if is_better {
            best = Some((quality, rank, place));
        }
    }
    best.map(|(_, _, place)| place)
}

/// What stands behind the name: a quality from 0 to 1, or else nothing that is understood.
fn quality(parameter: &[u8]) -> f32 {
    let text = std::str::from_utf8(parameter).unwrap_or_default();
    let number = text.strip_prefix("q=").or(text.strip_prefix("Q="));
    let number = number.and_then(|number| number.parse().ok());
    number
        .filter(|number| (0.0..=1.0).contains(number))
        .unwrap_or(1.0)
}

fn first<'a>(headers: &'a HeaderMap, name: &HeaderName) -> &'a [u8] {
    headers.get(name).map_or(&[], http::HeaderValue::as_bytes)
}

#[cfg(test)]
mod tests {
    use http::header::{ACCEPT_ENCODING, HeaderMap, HeaderValue};

    use super::choose;

    #[test]
    fn quality_comes_before_preference_and_preference_before_order() {
        let offered = ["gzip", "zstd"];
        for (accepted, preferred, chosen) in [
            ("", &offered[..], None),
            ("br", &offered, None),
            ("*", &offered, None),
            ("gzip", &offered, Some("gzip")),
            ("GZip", &offered, Some("gzip")),
            ("gzip, zstd", &["zstd", "gzip"], Some("zstd")),
            ("gzip, zstd", &offered, Some("gzip")),
            ("zstd, gzip", &[], Some("zstd")),
            ("zstd;q=0.5, gzip", &["zstd", "gzip"], Some("gzip")),
            ("zstd ; q=0.5,gzip;q=0.4", &offered, Some("zstd")),
            ("gzip;q=0, zstd;q=0.000001", &offered, None),
            ("gzip;q=2, zstd;q=0.9", &offered, Some("gzip")),
            ("gzip;q=abc, zstd;q=0.9", &offered, Some("gzip")),
            ("gzip;x=1;q=0, zstd;Q=0.9", &offered, Some("gzip")),
            ("identity, br, zstd;q=0.1", &offered, Some("zstd")),
            (",;,;q=1,", &offered, None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(accepted));
            let found = choose(&headers, &offered, preferred).map(|place| offered[place]);
            assert_eq!(found, chosen, "{accepted} {preferred:?}");
        }
    }
}
