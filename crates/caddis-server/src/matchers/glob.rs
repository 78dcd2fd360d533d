//! Patterns as Go's `path.Match` has them: `*`, `?`, `[a-z]`, and a backslash before what stands for itself.

/// Whether a pattern matches a whole text; a broken pattern matches nothing. No `*` or `?` matches a slash.
pub(crate) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut pattern, mut text) = (pattern, text);
    let mut star: Option<(&[u8], &[u8])> = None;
    loop {
        if let Some(rest) = pattern.strip_prefix(b"*") {
            star = Some((rest, text));
            pattern = rest;
            continue;
        }
        match step(pattern, text) {
            Step::End => return true,
            Step::Both(rest, after) => (pattern, text) = (rest, after),
            Step::Broken => return false,
            Step::No => {
                let Some((after_star, from)) = star else {
                    return false;
                };
                let Some((&passed, from)) = from.split_first() else {
                    return false;
                };
                if passed == b'/' {
                    return false;
                }
                star = Some((after_star, from));
                (pattern, text) = (after_star, from);
            }
        }
    }
}

enum Step<'a> {
    /// Both are at their end.
    End,
    /// One element of the pattern matched one letter of the text.
    Both(&'a [u8], &'a [u8]),
    /// It did not match.
    No,
    /// The pattern is not well formed.
    Broken,
}

fn step<'a>(pattern: &'a [u8], text: &'a [u8]) -> Step<'a> {
    let Some((&first, rest)) = pattern.split_first() else {
        return if text.is_empty() { Step::End } else { Step::No };
    };
    match first {
        b'?' => match letter(text) {
            Some((found, after)) if found != '/' => Step::Both(rest, after),
            Some(_) | None => Step::No,
        },
        b'[' => class(rest, text),
        b'\\' => match rest.split_first() {
            Some((literal, rest)) => same(*literal, rest, text),
            None => Step::Broken,
        },
        _ => same(first, rest, text),
    }
}

fn same<'a>(literal: u8, rest: &'a [u8], text: &'a [u8]) -> Step<'a> {
    match text.split_first() {
        Some((found, after)) if *found == literal => Step::Both(rest, after),
        Some(_) | None => Step::No,
    }
}

/// A class of letters, after its `[`.
fn class<'a>(pattern: &'a [u8], text: &'a [u8]) -> Step<'a> {
    let (negated, mut rest) = match pattern.strip_prefix(b"^") {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    let found = letter(text);
    let mut is_in = false;
    let mut ranges = 0;
    loop {
        if ranges > 0
            && let Some(rest) = rest.strip_prefix(b"]")
        {
            return match found {
                Some((_, after)) if is_in != negated => Step::Both(rest, after),
                Some(_) | None => Step::No,
            };
        }
        let Some((low, after)) = class_letter(rest) else {
            return Step::Broken;
        };
        let (high, after) = match after.strip_prefix(b"-") {
            None => (low, after),
            Some(after) => match class_letter(after) {
                Some(high) => high,
                None => return Step::Broken,
            },
        };
        is_in |= found.is_some_and(|(letter, _)| low <= letter && letter <= high);
        rest = after;
        ranges += 1;
    }
}

fn class_letter(pattern: &[u8]) -> Option<(char, &[u8])> {
    let pattern = match pattern.first()? {
        b'-' | b']' => return None,
        b'\\' => pattern.get(1..)?,
        _ => pattern,
    };
    letter(pattern)
}

/// The first letter; a byte that is not UTF-8 is one of its own.
fn letter(text: &[u8]) -> Option<(char, &[u8])> {
    let chunk = text.get(..text.len().min(4))?;
    let first = match std::str::from_utf8(chunk) {
        Ok(valid) => valid.chars().next()?,
        Err(error) => std::str::from_utf8(chunk.get(..error.valid_up_to())?)
            .ok()?
            .chars()
            .next()
            .unwrap_or(char::REPLACEMENT_CHARACTER),
    };
    let invalid = first == char::REPLACEMENT_CHARACTER && !text.starts_with("\u{FFFD}".as_bytes());
    let width = if invalid { 1 } else { first.len_utf8() };
    Some((first, text.get(width..)?))
}
