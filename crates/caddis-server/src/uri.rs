//! Targets of requests, as Go's `net/url` has them: escaping, decoding, hosts and queries.

use std::borrow::Cow;

use http::Uri;
use http::uri::PathAndQuery;
use percent_encoding::percent_decode;

/// The path with its percent-encodings decoded.
pub(crate) fn decoded_path(target: &Uri) -> Cow<'_, [u8]> {
    percent_decode(target.path().as_bytes()).into()
}

/// Escapes a text for the value of a query parameter: a space becomes `+`.
pub(crate) fn query_escape(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(byte),
            b' ' => out.push(b'+'),
            _ => escape_byte(byte, out),
        }
    }
}

/// Escapes a path as Go does it.
pub(crate) fn path_escape(path: &[u8], out: &mut Vec<u8>) {
    for &byte in path {
        if may_stand_in_path(byte) {
            out.push(byte);
        } else {
            escape_byte(byte, out);
        }
    }
}

/// Whether Go leaves a byte of a path as it is when it escapes one.
fn may_stand_in_path(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@".contains(&byte)
}

/// Whether Go takes a byte in an escaped path for what it is, so that the path stays as it was sent.
fn may_be_sent_in_path(byte: u8) -> bool {
    may_stand_in_path(byte) || b"!'()*[]%".contains(&byte)
}

/// Whether Go sends an escaped path as it is, because all its bytes belong there.
pub(crate) fn may_be_sent(path: &[u8]) -> bool {
    path.iter().all(|byte| may_be_sent_in_path(*byte))
}

/// The path as Go sends it on: as it was sent, or escaped anew if a byte is in it that does not belong there.
pub(crate) fn normal_path(path: &[u8]) -> Cow<'_, [u8]> {
    if may_be_sent(path) {
        return path.into();
    }
    let decoded: Vec<u8> = percent_decode(path).collect();
    let mut out = Vec::with_capacity(path.len());
    path_escape(&decoded, &mut out);
    out.into()
}

/// A target of path and query. A path always begins with a slash here: without one it cannot be sent.
pub(crate) fn join(path: &[u8], query: Option<&[u8]>) -> Result<Uri, http::uri::InvalidUri> {
    let mut target = Vec::with_capacity(path.len() + 1 + query.map_or(0, |query| query.len() + 1));
    if !path.starts_with(b"/") && path != b"*" {
        target.push(b'/');
    }
    target.extend_from_slice(path);
    if let Some(query) = query {
        target.push(b'?');
        push_query(query, &mut target);
    }
    let target = PathAndQuery::from_maybe_shared(bytes::Bytes::from(target))?;
    Ok(Uri::from(target))
}

/// A query with what may not stand in a target escaped: a value that was put there may have any byte.
fn push_query(query: &[u8], target: &mut Vec<u8>) {
    for &byte in query {
        if byte <= b' ' || b"#<>\x7f".contains(&byte) {
            escape_byte(byte, target);
        } else {
            target.push(byte);
        }
    }
}

/// An escape such as `%2f`, or one byte.
pub(crate) fn unit(path: &[u8]) -> (&[u8], &[u8]) {
    const ESCAPE: usize = 3;
    let width = if path.starts_with(b"%") && path.len() >= ESCAPE {
        ESCAPE
    } else {
        1
    };
    path.split_at(width.min(path.len()))
}

pub(crate) fn escape_byte(byte: u8, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let digits = [HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]];
    out.push(b'%');
    out.extend_from_slice(&digits);
}

/// The parameters of a query, decoded; as Go does it, a pair with `;` or a broken escape is passed over.
pub(crate) fn query_pairs(query: &str) -> impl Iterator<Item = (Cow<'_, [u8]>, Cow<'_, [u8]>)> {
    query.split('&').filter_map(|pair| {
        if pair.is_empty() || pair.contains(';') {
            return None;
        }
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some((query_unescape(key)?, query_unescape(value)?))
    })
}

fn query_unescape(text: &str) -> Option<Cow<'_, [u8]>> {
    if !is_well_escaped(text.as_bytes()) {
        return None;
    }
    if text.contains('+') {
        let text = text.replace('+', " ");
        return Some(Cow::Owned(percent_decode(text.as_bytes()).collect()));
    }
    Some(percent_decode(text.as_bytes()).into())
}

/// Whether every `%` is followed by two hexadecimal digits.
pub(crate) fn is_well_escaped(text: &[u8]) -> bool {
    memchr::memchr_iter(b'%', text).all(|at| {
        let digits = text.get(at + 1..at + 3).unwrap_or_default();
        digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit)
    })
}

/// The host of `host:port`, without the brackets of an IPv6 address.
pub(crate) fn host(authority: &[u8]) -> &[u8] {
    if let Some(rest) = authority.strip_prefix(b"[") {
        let end = rest.iter().position(|byte| *byte == b']');
        return end.and_then(|end| rest.get(..end)).unwrap_or(authority);
    }
    let mut colons = authority
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b':');
    match (colons.next(), colons.next()) {
        (Some((colon, _)), None) => authority.get(..colon).unwrap_or(authority),
        _ => authority,
    }
}

/// The port of `host:port`.
pub(crate) fn port(authority: &[u8]) -> Option<&[u8]> {
    let rest = authority.strip_prefix(b"[").unwrap_or(authority);
    let colon = rest.iter().rposition(|byte| *byte == b':')?;
    let before = rest.get(..colon)?;
    let is_port = if authority.starts_with(b"[") {
        before.ends_with(b"]")
    } else {
        !before.contains(&b':')
    };
    is_port.then(|| rest.get(colon + 1..)).flatten()
}

/// What becomes of slashes that follow one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slashes {
    /// One stays.
    Merged,
    /// All stay: an element may be empty.
    Kept,
}

/// Resolves `.` and `..`; a slash at the end stays, and nothing is above the root.
pub(crate) fn clean(path: Cow<'_, [u8]>, slashes: Slashes) -> Cow<'_, [u8]> {
    if is_clean(&path, slashes) {
        return path;
    }
    let rooted = path.first() == Some(&b'/');
    let mut kept: Vec<&[u8]> = Vec::new();
    let inner = path.strip_prefix(b"/").unwrap_or(&path);
    for element in inner.split(|byte| *byte == b'/') {
        match element {
            b"." => {}
            b"" if slashes == Slashes::Merged => {}
            b".." => match kept.last() {
                Some(&last) if last != b".." => {
                    kept.pop();
                }
                _ if rooted => {}
                _ => kept.push(element),
            },
            _ => kept.push(element),
        }
    }
    let ends_with_slash = path.ends_with(b"/");
    if slashes == Slashes::Kept && ends_with_slash && kept.last() == Some(&&b""[..]) {
        kept.pop();
    }
    let mut out = Vec::with_capacity(path.len() + 1);
    if rooted {
        out.push(b'/');
    }
    out.extend_from_slice(&kept.join(&b'/'));
    if out.is_empty() {
        out.push(b'.');
    }
    if ends_with_slash && (out != b"/" || !kept.is_empty()) {
        out.push(b'/');
    }
    Cow::Owned(out)
}

fn is_clean(path: &[u8], slashes: Slashes) -> bool {
    if path.first() != Some(&b'/') {
        return false;
    }
    let mut after_slash = path.get(1..).unwrap_or_default();
    if after_slash.starts_with(b".") || (after_slash.starts_with(b"/")) {
        return false;
    }
    while let Some(slash) = memchr::memchr(b'/', after_slash) {
        after_slash = after_slash.get(slash + 1..).unwrap_or_default();
        let doubled = after_slash.starts_with(b"/") && slashes == Slashes::Merged;
        if doubled || after_slash.starts_with(b".") {
            return false;
        }
    }
    true
}

/// Lower case, letter by letter as Go does it; what is not UTF-8 becomes U+FFFD if there is a letter beyond ASCII.
pub(crate) fn lower(text: Cow<'_, [u8]>) -> Cow<'_, [u8]> {
    if text.is_ascii() {
        if text.iter().any(u8::is_ascii_uppercase) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return text;
    }
    let text = String::from_utf8_lossy(&text);
    let lower: String = text.chars().map(lower_letter).collect();
    Cow::Owned(lower.into_bytes())
}

/// One letter for one letter: `İ` becomes `i`, and not the two letters that full case mapping has for it.
fn lower_letter(letter: char) -> char {
    letter.to_lowercase().next().unwrap_or(letter)
}

/// Whether Go reads a query without an error.
pub(crate) fn is_well_formed_query(query: &str) -> bool {
    !query.contains(';') && is_well_escaped(query.as_bytes())
}
