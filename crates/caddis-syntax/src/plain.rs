//! Pieces that need no grammar to be told: blanks, words, comments and quoted words with nothing unusual in them.
//!
//! Nearly all of a Caddyfile is made of these. What is not is left to the grammar, and tests compare both.

use crate::lex::Kind;

/// What the text begins with, and how long that is; `None` where only the grammar can tell.
pub(crate) fn first(text: &[u8]) -> Option<(Kind, usize)> {
    match text.first()? {
        b'\\' | b'<' | 0x80.. => None,
        b'#' => Some((Kind::Comment, find(text, |byte| byte == b'\n'))),
        b'"' => double(text),
        b'`' => Some((Kind::Back, back(text))),
        byte if is_blank(*byte) => gap(text),
        _ => bare(text),
    }
}

/// A backslash or a letter beyond ASCII may belong to the white space.
fn gap(text: &[u8]) -> Option<(Kind, usize)> {
    let end = find(text, |byte| !is_blank(byte));
    let is_sure = text.get(end).is_none_or(|next| !is_unusual(*next));
    is_sure.then_some((Kind::Gap, end))
}

/// A carriage return is white space before a line end, and dropped before a letter.
fn bare(text: &[u8]) -> Option<(Kind, usize)> {
    let end = find(text, |byte| is_blank(byte) || is_unusual(byte));
    let is_sure = match text.get(end..)? {
        [] | [b'\r', b'\n', ..] => true,
        [b'\r', ..] => false,
        [byte, ..] => !is_unusual(*byte),
    };
    is_sure.then_some((Kind::Bare, end))
}

fn double(text: &[u8]) -> Option<(Kind, usize)> {
    let body = text.get(1..)?;
    let end = find(body, |byte| byte == b'"' || byte == b'\\');
    (body.get(end) == Some(&b'"')).then_some((Kind::Double, end + 2))
}

fn back(text: &[u8]) -> usize {
    let body = text.get(1..).unwrap_or_default();
    (find(body, |byte| byte == b'`') + 2).min(text.len())
}

fn find(text: &[u8], is_end: impl Fn(u8) -> bool) -> usize {
    let end = text.iter().position(|byte| is_end(*byte));
    end.unwrap_or(text.len())
}

fn is_unusual(byte: u8) -> bool {
    byte == b'\\' || !byte.is_ascii()
}

/// White space that is one byte.
fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}
