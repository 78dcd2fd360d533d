//! `{$NAME}` and `{$NAME:default}`, replaced in the raw text before anything else reads it.

use caddis_source::{FileId, Span};

/// A text after replacement, and the way back to the places in the text before.
#[derive(Debug)]
pub(crate) struct Replaced {
    pub(crate) text: String,
    /// In order; empty if nothing was replaced.
    changes: Vec<Change>,
}

#[derive(Debug)]
struct Change {
    /// Where the value stands now.
    now: std::ops::Range<usize>,
    /// Where `{$NAME}` stood.
    before: std::ops::Range<usize>,
}

/// Replaces every `{$NAME}`; one that is not set and has no default becomes nothing, and values are not read again.
pub(crate) fn replace(text: &str, environment: &dyn Fn(&str) -> Option<String>) -> Replaced {
    let mut out = String::with_capacity(text.len());
    let mut changes = Vec::new();
    let mut rest = 0;
    while let Some(start) = find(text, "{$", rest) {
        let Some(end) = find(text, "}", start) else {
            break;
        };
        let inside = text.get(start + 2..end).unwrap_or("");
        let after = end + 1;
        if inside.is_empty() {
            out.push_str(text.get(rest..after).unwrap_or(""));
            rest = after;
            continue;
        }
        out.push_str(text.get(rest..start).unwrap_or(""));
        let from = out.len();
        out.push_str(&value(inside, environment));
        changes.push(Change {
            now: from..out.len(),
            before: start..after,
        });
        rest = after;
    }
    out.push_str(text.get(rest..).unwrap_or(""));
    Replaced { text: out, changes }
}

fn find(text: &str, what: &str, from: usize) -> Option<usize> {
    Some(text.get(from..)?.find(what)? + from)
}

fn value(inside: &str, environment: &dyn Fn(&str) -> Option<String>) -> String {
    match inside.split_once(':') {
        Some((name, default)) => environment(name).unwrap_or_else(|| default.to_owned()),
        None => environment(inside).unwrap_or_default(),
    }
}

impl Replaced {
    /// The place in the text as it was written; what came from a variable is at its `{$NAME}`.
    pub(crate) fn span(&self, file: FileId, range: std::ops::Range<usize>) -> Span {
        let start = self.before(range.start, Edge::Start);
        let end = self.before(range.end, Edge::End);
        Span::new(file, start, end.max(start))
    }

    /// True if some of these bytes came from a variable.
    pub(crate) fn touches(&self, range: &std::ops::Range<usize>) -> bool {
        let next = self
            .changes
            .partition_point(|change| change.now.end < range.start);
        self.changes
            .get(next)
            .is_some_and(|change| change.now.start <= range.end)
    }

    fn before(&self, at: usize, edge: Edge) -> usize {
        let inside = |change: &Change| match edge {
            Edge::Start => change.now.end <= at,
            Edge::End => change.now.end < at,
        };
        let next = self.changes.partition_point(inside);
        match self.changes.get(next) {
            Some(change) if change.now.contains(&at) && edge == Edge::Start => {
                return change.before.start;
            }
            Some(change) if change.now.start < at && edge == Edge::End => return change.before.end,
            Some(_) | None => {}
        }
        match next.checked_sub(1).and_then(|last| self.changes.get(last)) {
            Some(change) => at - change.now.end + change.before.end,
            None => at,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Edge {
    Start,
    End,
}

#[cfg(test)]
mod tests {
    use super::*;
    use caddis_source::Sources;

    fn environment(name: &str) -> Option<String> {
        let value = match name {
            "LONG" => "a-long-value",
            "EMPTY" => "",
            "NESTED" => "{$LONG}",
            _ => return None,
        };
        Some(value.to_owned())
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(replace(text, &environment).text, expected);
    }

    #[test]
    fn values_and_defaults_are_filled_in_once() {
        check("x{$LONG}y", "xa-long-valuey");
        check("{$NONE}{$NONE:d:e}", "d:e");
        check("{$EMPTY:default}", "");
        check("{$NESTED}", "{$LONG}");
    }

    #[test]
    fn what_is_no_variable_stays() {
        check("{$} {$LONG", "{$} {$LONG");
        check("}{$", "}{$");
    }

    #[test]
    fn places_lead_back_to_the_text_as_written() {
        let text = "a {$LONG} b {$EMPTY}c";
        let file = Sources::new().add("Caddyfile", text);
        let replaced = replace(text, &environment);
        assert_eq!(replaced.text, "a a-long-value b c");
        let written = |word: &str| {
            let at = replaced.text.find(word).unwrap();
            text.get(replaced.span(file, at..at + word.len()).range())
        };
        assert_eq!(written("a-long-value"), Some("{$LONG}"));
        assert_eq!(written("long"), Some("{$LONG}"));
        assert_eq!(written("b"), Some("b"));
        assert_eq!(written(" b "), Some(" b "));
        assert_eq!(written("c"), Some("c"));
    }
}
