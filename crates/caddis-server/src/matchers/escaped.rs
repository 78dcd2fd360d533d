//! Patterns of the `path` matcher with `%` in them: that part is compared as the client escaped it.

use super::glob;
use crate::uri;

/// Whether a pattern with `%` in it matches an escaped path.
///
/// `%2f` matches the escape and not the slash, `%*` passes over escapes as they are, `*` over what they stand for.
/// The path is in lower case, as the pattern is. As in Caddy, the comparison ends where the pattern does: without a wildcard it matches every longer path too.
pub(super) fn matches(pattern: &[u8], escaped_path: &[u8]) -> bool {
    let Some(path) = in_terms_of(pattern, escaped_path) else {
        return false;
    };
    glob::matches(&without_escaped_stars(pattern), &path)
}

/// The path with escapes kept where the pattern has escapes, and decoded elsewhere.
fn in_terms_of(pattern: &[u8], mut path: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(path.len());
    let mut at = 0;
    while let (Some(&wanted), false) = (pattern.get(at), path.is_empty()) {
        let raw_star =
            wanted == b'%' && matches!(pattern.get(at + 1..), Some([] | [_] | [b'*', ..]));
        if raw_star || wanted == b'*' {
            at += 1 + usize::from(raw_star);
            // Caddy has read an escape that stands here before it looks at the wildcard: its last digit is left.
            let (unit, _) = uri::unit(path);
            path = path.get(unit.len() - 1..).unwrap_or_default();
            let (passed, rest) = up_to(path, pattern.get(at))?;
            if raw_star {
                out.extend_from_slice(passed);
            } else {
                out.extend(percent_encoding::percent_decode(passed));
            }
            path = rest;
            continue;
        }
        let (unit, rest) = uri::unit(path);
        if wanted == b'%' {
            if unit.len() == ESCAPE {
                out.extend_from_slice(unit);
            }
            at += ESCAPE;
        } else {
            out.extend(percent_encoding::percent_decode(unit));
            at += 1;
        }
        path = rest;
    }
    Some(uri::lower(out.into()).into_owned())
}

/// The length of `%2f`.
const ESCAPE: usize = 3;

/// What a wildcard passes over: all up to the byte that comes after it in the pattern.
fn up_to<'a>(path: &'a [u8], next: Option<&u8>) -> Option<(&'a [u8], &'a [u8])> {
    let end = match next {
        None => path.len(),
        Some(next) => memchr::memchr(*next, path)?,
    };
    path.split_at_checked(end)
}

fn without_escaped_stars(pattern: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(pattern.len());
    for (at, byte) in pattern.iter().enumerate() {
        if !(*byte == b'%' && pattern.get(at + 1) == Some(&b'*')) {
            out.push(*byte);
        }
    }
    out
}
