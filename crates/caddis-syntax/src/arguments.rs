//! `{args[0]}`, `{args[1:]}` and `{args.0}` in what an import brings.

use caddis_source::Code;

use crate::token::{Source, Token};

pub(crate) const PLACEHOLDER: Code = Code("import/argument");
pub(crate) const DEPRECATED: Code = Code("import/old-argument");

/// Something to say about a placeholder in a word.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// There is no such argument, or it is not an index.
    Wrong(String),
    /// The index is below zero, at which Caddy crashes.
    Negative(String),
    /// `{args.N}`: the index.
    Old(String),
}

/// The arguments that a word like `{args[1:]}` stands for, if it is one as a whole.
pub(crate) fn range<'a>(text: &str, arguments: &'a [Token]) -> Option<&'a [Token]> {
    let (start, end) = bounds(text)?;
    let start = index(start, 0)?;
    let end = index(end, arguments.len())?;
    arguments.get(start..end)
}

/// What stands before and behind the colon of a range.
fn bounds(text: &str) -> Option<(&str, &str)> {
    let inside = text.strip_prefix("{args[")?.strip_suffix("]}")?;
    let (start, end) = inside.split_once(':')?;
    (!start.contains('}') && !end.contains('{')).then_some((start, end))
}

fn index(text: &str, default: usize) -> Option<usize> {
    if text.is_empty() {
        return Some(default);
    }
    text.strip_prefix('+').unwrap_or(text).parse().ok()
}

/// Fills the placeholders of a word; others stay as they are.
pub(crate) fn fill(token: &mut Token, arguments: &[Token]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !token.text().contains('{') {
        return findings;
    }
    let mut used = Vec::new();
    let text = replace(token.text(), |key| {
        let index = find(key, arguments.len(), &mut findings)?;
        let argument = arguments.get(index)?;
        used.push(argument.span());
        Some(argument.text())
    });
    if !used.is_empty() {
        let place = (used.len() == 1).then(|| used.first().copied()).flatten();
        token.set_source(Source::Argument(place));
    }
    token.set_text(text);
    findings
}

/// The index that a placeholder asks for, if it is one of ours and there is such an argument.
fn find(key: &str, count: usize, findings: &mut Vec<Finding>) -> Option<usize> {
    let (inside, old) = match key.strip_prefix("args.") {
        Some(inside) => (inside, true),
        None => (key.strip_prefix("args[")?.strip_suffix(']')?, false),
    };
    let wrong = |why: String| Finding::Wrong(format!("`{{{key}}}` {why}"));
    if !old && inside.contains(':') {
        findings.push(wrong(range_problem(inside, count)));
        return None;
    }
    let index = (!inside.is_empty()).then(|| index(inside, 0)).flatten();
    let Some(index) = index.or_else(|| (inside.parse() == Ok(0_i64)).then_some(0)) else {
        if inside.parse::<i64>().is_ok_and(i64::is_negative) {
            findings.push(Finding::Negative(key.to_owned()));
            return None;
        }
        findings.push(wrong("needs the number of an argument, from 0 on".into()));
        return None;
    };
    if index >= count {
        findings.push(wrong(format!(
            "is out of bounds: there {}",
            arguments_are(count)
        )));
        return None;
    }
    if old {
        findings.push(Finding::Old(inside.to_owned()));
    }
    Some(index)
}

fn range_problem(inside: &str, count: usize) -> String {
    let (start, end) = inside.split_once(':').unwrap_or((inside, ""));
    match (index(start, 0), index(end, count)) {
        (Some(start), Some(end)) if start > end || end > count => {
            format!("is out of bounds: there {}", arguments_are(count))
        }
        (Some(_), Some(_)) => "must be a word of its own".into(),
        (_, None) | (None, _) => "needs numbers of arguments around the colon".into(),
    }
}

fn arguments_are(count: usize) -> String {
    match count {
        0 => "are no arguments".into(),
        1 => "is 1 argument".into(),
        _ => format!("are {count} arguments"),
    }
}

/// Replaces the `{keys}` that have a value, innermost ones first; `\{` becomes `{`, as in Caddy.
fn replace<'a>(text: &str, mut value: impl FnMut(&str) -> Option<&'a str>) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut written = 0;
    let mut closing = Closing {
        text,
        next: Some(0),
    };
    for (at, byte) in text.bytes().enumerate() {
        if at < written || !matches!(byte, b'{' | b'}') {
            continue;
        }
        if at > written && bytes.get(at - 1) == Some(&b'\\') {
            out.push_str(text.get(written..at - 1).unwrap_or(""));
            written = at;
            continue;
        }
        let end = if byte == b'{' {
            closing.after(at)
        } else {
            None
        };
        let Some(end) = end else { continue };
        if let Some(value) = text.get(at + 1..end).and_then(&mut value) {
            out.push_str(text.get(written..at).unwrap_or(""));
            out.push_str(value);
            written = end + 1;
        }
    }
    out.push_str(text.get(written..).unwrap_or(""));
    out
}

/// Finds closing braces from left to right, each part of the text once.
struct Closing<'a> {
    text: &'a str,
    next: Option<usize>,
}

impl Closing<'_> {
    /// The first `}` behind a place that is not escaped.
    fn after(&mut self, at: usize) -> Option<usize> {
        if self.next.is_some_and(|next| next <= at) {
            let rest = self.text.get(at..).unwrap_or("");
            let mut ends = rest.match_indices('}').map(|(end, _)| at + end);
            let bytes = self.text.as_bytes();
            self.next = ends.find(|end| bytes.get(end - 1) != Some(&b'\\'));
        }
        self.next
    }
}
