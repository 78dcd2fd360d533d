//! Where a part of a config stands in a JSON text.

use std::ops::Range;

use crate::{Path, Step};

/// Where a part of a config, or the nearest one around it, stands in a JSON text, in bytes.
pub fn place_in_json(text: &str, path: &Path) -> Option<Range<usize>> {
    of(text, path).or_else(|| place_in_json(text, &path.parent()?))
}

/// The key of a member or the value of an element, in bytes; `None` if the text has no such part.
pub(crate) fn of(text: &str, path: &Path) -> Option<Range<usize>> {
    let mut reader = Reader { text, at: 0 };
    let mut place = reader.value()?;
    for step in &path.0 {
        reader.at = place.inner.start;
        place = match step {
            Step::Key(key) => reader.member(key)?,
            Step::Index(index) => reader.element(*index)?,
        };
    }
    Some(place.shown)
}

/// The byte of a line and a column that count from one.
pub(crate) fn offset(text: &str, line: usize, column: usize) -> usize {
    let lines = text.split_inclusive('\n').take(line.saturating_sub(1));
    let before: usize = lines.map(str::len).sum();
    let mut at = (before + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// What is shown of a part, and its value.
struct Place {
    shown: Range<usize>,
    inner: Range<usize>,
}

/// Reads a text that is known to be JSON.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn value(&mut self) -> Option<Place> {
        let inner = self.skip()?;
        Some(Place {
            shown: inner.clone(),
            inner,
        })
    }

    /// The member of the object that begins here; the last one of several, which counts.
    fn member(&mut self, key: &str) -> Option<Place> {
        let mut found = None;
        self.expect(b'{')?;
        while self.peek()? != b'}' {
            let shown = self.skip()?;
            self.expect(b':')?;
            let inner = self.skip()?;
            let name: String = serde_json::from_str(&self.text[shown.clone()]).ok()?;
            if name == key {
                found = Some(Place { shown, inner });
            }
            self.comma();
        }
        found
    }

    fn element(&mut self, index: usize) -> Option<Place> {
        self.expect(b'[')?;
        for _ in 0..index {
            self.skip()?;
            self.comma();
        }
        (self.peek()? != b']').then(|| self.value())?
    }

    /// One value, passed over.
    fn skip(&mut self) -> Option<Range<usize>> {
        let start = {
            self.peek()?;
            self.at
        };
        let mut depth = 0_usize;
        loop {
            match self.peek()? {
                b'"' => self.string()?,
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' | b':' => self.at += 1,
                _ => self.word(),
            }
            if depth == 0 {
                return Some(start..self.at);
            }
        }
    }

    fn string(&mut self) -> Option<()> {
        let bytes = self.text.as_bytes();
        self.at += 1;
        while *bytes.get(self.at)? != b'"' {
            self.at += if bytes[self.at] == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        Some(())
    }

    /// A number, `true`, `false` or `null`.
    fn word(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let ends = |byte: &u8| b",]} \t\r\n".contains(byte);
        self.at += rest.iter().position(ends).unwrap_or(rest.len()).max(1);
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while bytes.get(self.at)?.is_ascii_whitespace() {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        let is_there = self.peek()? == byte;
        self.at += 1;
        is_there.then_some(())
    }

    fn comma(&mut self) {
        if self.peek() == Some(b',') {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::of;
    use crate::Path;

    #[test]
    fn members_and_elements_are_found_in_the_text() {
        let text = r#" { "a" : [ 1, {"b\"": true, "c": "}"} ] , "d":null, "a\u0062": [] } "#;
        let at = |path: &Path| of(text, path).map(|range| &text[range]);
        let root = Path::root();
        assert_eq!(at(&root.key("a")), Some(r#""a""#));
        assert_eq!(at(&root.key("a").index(0)), Some("1"));
        assert_eq!(
            at(&root.key("a").index(1)),
            Some(r#"{"b\"": true, "c": "}"}"#)
        );
        assert_eq!(at(&root.key("a").index(1).key("c")), Some(r#""c""#));
        assert_eq!(at(&root.key("ab")), Some(r#""a\u0062""#));
        for path in [
            root.key("x"),
            root.key("a").index(2),
            root.key("d").key("e"),
            root.index(0),
        ] {
            assert_eq!(at(&path), None, "{path}");
        }
    }
}
