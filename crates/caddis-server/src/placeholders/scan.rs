//! Where the placeholders of a text are, by Caddy's rules for braces and backslashes.

use std::ops::Range;

/// A stretch of a text, by its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Stands for itself.
    Text(Range<usize>),
    /// The name between the braces of a placeholder.
    Name(Range<usize>),
}

/// A text with so many open braces that Caddy gives up on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooManyUnclosed;

/// Caddy counts them because each one costs a search to the end of the text.
const MAX_UNCLOSED: usize = 100;

/// Cuts a text into what stands for itself and the names of placeholders.
///
/// A name that `is_taken` refuses stays text, and what is in it is looked through as well. A backslash before a
/// brace takes its meaning away and is dropped.
pub(super) fn scan(
    text: &[u8],
    is_taken: impl Fn(&[u8]) -> bool,
) -> Result<Vec<Piece>, TooManyUnclosed> {
    let mut pieces = Vec::new();
    let mut written = 0;
    let mut unclosed = 0;
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        let escaped = at > 0 && text.get(at - 1) == Some(&b'\\');
        if escaped && matches!(byte, b'{' | b'}') {
            push(&mut pieces, written..at - 1);
            written = at;
        } else if byte == b'{' {
            if unclosed > MAX_UNCLOSED {
                return Err(TooManyUnclosed);
            }
            match closing_brace(text, at) {
                None => unclosed += 1,
                Some(end) if is_taken(text.get(at + 1..end).unwrap_or_default()) => {
                    push(&mut pieces, written..at);
                    pieces.push(Piece::Name(at + 1..end));
                    written = end + 1;
                    at = end;
                }
                Some(_) => {}
            }
        }
        at += 1;
    }
    push(&mut pieces, written..text.len());
    Ok(pieces)
}

/// The first closing brace that no backslash stands before; the last byte of a text needs none.
fn closing_brace(text: &[u8], open: usize) -> Option<usize> {
    let mut end = find_brace(text, open)?;
    while end + 1 < text.len() && text.get(end - 1) == Some(&b'\\') {
        end = find_brace(text, end + 1)?;
    }
    Some(end)
}

fn find_brace(text: &[u8], from: usize) -> Option<usize> {
    memchr::memchr(b'}', text.get(from..)?).map(|offset| from + offset)
}

fn push(pieces: &mut Vec<Piece>, range: Range<usize>) {
    if !range.is_empty() {
        pieces.push(Piece::Text(range));
    }
}
