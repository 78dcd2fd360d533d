//! Text for HTML, JavaScript and queries.

use std::fmt::Write;

/// Text for HTML, as Go escapes it.
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\0' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

/// Text for a string of JavaScript, as Go escapes it.
pub(crate) fn js(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' => out.push_str("\\\\"),
            '\'' => out.push_str("\\'"),
            '"' => out.push_str("\\\""),
            '<' | '>' | '&' | '=' | '\u{2028}' | '\u{2029}' => unicode(&mut out, letter),
            other if other.is_control() && other.is_ascii() => unicode(&mut out, other),
            other => out.push(other),
        }
    }
    out
}

fn unicode(out: &mut String, letter: char) {
    let _ = write!(out, "\\u{:04X}", u32::from(letter));
}

/// Text for a query, as Go escapes it.
pub fn query(text: &str) -> String {
    escaped(text, b"-_.~", Some('+'))
}

/// Text for a part of a path, as Go escapes it.
pub fn path(text: &str) -> String {
    escaped(text, b"-_.~$&+=:@", None)
}

/// A whole path, as Go escapes it.
pub(crate) fn whole_path(text: &str) -> String {
    escaped(text, b"-_.~$&+=:@/,;!*'()", None)
}

fn escaped(text: &str, kept: &[u8], space: Option<char>) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match (byte, space) {
            (b' ', Some(space)) => out.push(space),
            _ if byte.is_ascii_alphanumeric() || kept.contains(&byte) => out.push(byte.into()),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}
