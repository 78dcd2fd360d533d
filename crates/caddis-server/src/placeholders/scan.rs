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

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::Value;

    use super::{Piece, TooManyUnclosed, scan};

    /// Rows of Caddy's own table, where it lies beside this repository.
    const TABLE: &str = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/conformance/replacer.json"
    );

    fn bytes(value: &Value) -> Vec<u8> {
        match value.as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => STANDARD.decode(value["base64"].as_str().unwrap()).unwrap(),
        }
    }

    fn fill(row: &Value, group: &Value, keeps_unknown: bool) -> Vec<u8> {
        let text = bytes(&row["input"]);
        let value = |name: &[u8]| {
            let name = String::from_utf8_lossy(name);
            group["vars"].get(name.as_ref()).map(bytes)
        };
        let pieces = scan(&text, |name| !keeps_unknown || value(name).is_some()).unwrap();
        let mut out = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(range) => out.extend_from_slice(&text[range]),
                Piece::Name(range) => {
                    let value = value(&text[range]).unwrap_or_default();
                    let empty = row.get("empty").or(group.get("empty")).unwrap();
                    out.extend(if value.is_empty() {
                        bytes(empty)
                    } else {
                        value
                    });
                }
            }
        }
        out
    }

    #[test]
    fn every_row_of_caddys_table_is_filled_as_caddy_does_it() {
        let Ok(table) = std::fs::read_to_string(TABLE) else {
            println!("not compared: {TABLE} is not there");
            return;
        };
        let table: Value = serde_json::from_str(&table).unwrap();
        let mut rows = 0;
        for (name, keeps_unknown) in [("replace_all", false), ("replace_known", true)] {
            let group = &table[name];
            for row in group["cases"].as_array().unwrap() {
                let filled = fill(row, group, keeps_unknown);
                assert_eq!(filled, bytes(&row["expect"]), "{name} {row}");
                rows += 1;
            }
        }
        assert!(rows > 30, "{rows} rows are too few");
    }

    #[test]
    fn a_text_with_more_than_a_hundred_open_braces_is_refused() {
        assert_eq!(scan(&[b'{'; 200], |_| true), Err(TooManyUnclosed));
    }

    #[test]
    fn a_name_that_nobody_has_stays_text_and_is_looked_through() {
        let pieces = scan(b"{a{b}", |name| name == b"b").unwrap();
        assert_eq!(pieces, [Piece::Text(0..2), Piece::Name(3..4)]);
    }
}
