//! What a value must look like: text with `[..]` and `[sp]` in it, or `/regex/`.

use std::fmt;

use regex::Regex;

/// A value to compare with.
#[derive(Clone, Debug)]
pub struct Pattern {
    written: String,
    regex: Regex,
}

impl Pattern {
    /// Reads `/regex/`, or text in which `[..]` is any text and `[sp]` a space.
    pub fn value(written: &str) -> Result<Self, regex::Error> {
        let inner = written
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'));
        match inner {
            Some(inner) if !inner.is_empty() => Self::whole(written, inner),
            _ => Self::text(written),
        }
    }

    /// Reads text in which `[..]` is any text and `[sp]` a space; a slash is a slash.
    pub fn text(written: &str) -> Result<Self, regex::Error> {
        let pieces: Vec<_> = written
            .split("[..]")
            .map(|piece| regex::escape(&spaces(piece)))
            .collect();
        Self::whole(written, &pieces.join(".*"))
    }

    fn whole(written: &str, inner: &str) -> Result<Self, regex::Error> {
        Ok(Self {
            written: written.into(),
            regex: Regex::new(&format!("^(?s:{inner})$"))?,
        })
    }

    /// Whether the whole value is like this.
    pub fn matches(&self, value: &str) -> bool {
        self.regex.is_match(value)
    }

    /// The pattern as it was written.
    pub fn written(&self) -> &str {
        &self.written
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// The text that is meant where only `[sp]` is special.
pub(crate) fn spaces(written: &str) -> String {
    written.replace("[sp]", " ")
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    fn check(pattern: &str, value: &str) -> bool {
        Pattern::value(pattern).unwrap().matches(value)
    }

    #[test]
    fn text_is_compared_whole_and_as_written() {
        assert!(check("a.b", "a.b"));
        assert!(!check("a.b", "axb"));
        assert!(!check("a", "ab"));
    }

    #[test]
    fn elisions_stand_for_any_text_and_spaces_can_be_spelt_out() {
        assert!(check("1.1 [..]", "1.1 Caddy"));
        assert!(check("[..]", ""));
        assert!(check("Bearer[sp]", "Bearer "));
        assert!(!check("Bearer[sp]", "Bearer"));
    }

    #[test]
    fn a_value_between_slashes_is_a_regular_expression() {
        assert!(check("/[0-9]+/", "42"));
        assert!(!check("/[0-9]+/", "42s"));
        assert!(check("/", "/"));
        assert!(check("//", "//"));
    }

    #[test]
    fn a_path_is_text_even_with_slashes_at_both_ends() {
        assert!(Pattern::text("/a/").unwrap().matches("/a/"));
        assert!(!Pattern::text("/a/").unwrap().matches("a"));
    }
}
