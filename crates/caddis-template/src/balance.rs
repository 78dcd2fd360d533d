//! Whether every action that opens something is closed by an `end`: the parser takes a text that stops before it.

use crate::{Delimiters, Error, Result};

/// Finds an `end` or `else` of nothing, and what has no `end`.
pub(crate) fn check(text: &str, delimiters: &Delimiters) -> Result<()> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some((_, action)) = rest.split_once(delimiters.open.as_str()) {
        let action = match action.strip_prefix('-') {
            Some(rest) if rest.starts_with(char::is_whitespace) => rest,
            _ => action,
        };
        let action = action.trim_start();
        let is_comment = action.starts_with("/*");
        let length = if is_comment {
            action.find("*/").map(|at| at + "*/".len())
        } else {
            Some(0)
        };
        let Some(length) = length else {
            return Err(Error::new("unclosed comment"));
        };
        let end =
            length + end_of_action(action.get(length..).unwrap_or_default(), &delimiters.close)?;
        let (inside, after) = action.split_at(end);
        rest = after;
        if is_comment {
            continue;
        }
        let word = inside
            .split(|letter: char| !letter.is_alphanumeric())
            .next();
        match word.unwrap_or_default() {
            word @ ("if" | "with" | "range" | "define" | "block") => open.push(word),
            "else" if open.is_empty() => return Err(Error::new("unexpected {{else}}")),
            "end" if open.pop().is_none() => return Err(Error::new("unexpected {{end}}")),
            _ => {}
        }
    }
    match open.last() {
        None => Ok(()),
        Some(word) => Err(Error::new(format!(
            "unexpected EOF: `{word}` without {{{{end}}}}"
        ))),
    }
}

/// Where the closing delimiter is, behind strings and letters in quotes.
fn end_of_action(text: &str, close: &str) -> Result<usize> {
    let mut letters = text.char_indices();
    let mut quote = None;
    while let Some((at, letter)) = letters.next() {
        match (quote, letter) {
            (None, _) if text.get(at..).is_some_and(|rest| rest.starts_with(close)) => {
                return Ok(at);
            }
            (None, '"' | '\'' | '`') => quote = Some(letter),
            (Some(mark), '\\') if mark != '`' => {
                letters.next();
            }
            (Some(mark), letter) if letter == mark => quote = None,
            _ => {}
        }
    }
    Err(Error::new("unclosed action"))
}
