//! Functions of words: their case, their first letters.

use super::strings::cut;
use crate::args::exactly;
use crate::{Args, Function, Result, Run, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    match name {
        "title" => exactly(1, |args, _| Ok(title(args.text(0)?).into())),
        "untitle" => exactly(1, |args, _| Ok(untitle(args.text(0)?).into())),
        "swapcase" => exactly(1, |args, _| Ok(swap_case(args.text(0)?).into())),
        "nospace" => exactly(1, |args, _| {
            let text = args.text(0)?;
            let letters = text.chars().filter(|letter| !letter.is_whitespace());
            Ok(letters.collect::<String>().into())
        }),
        "initials" => exactly(1, |args, _| {
            let words = args.text(0)?.split_whitespace();
            let initials = words.filter_map(|word| word.chars().next());
            Ok(initials.collect::<String>().into())
        }),
        "snakecase" => exactly(1, |args, _| Ok(connected(args.text(0)?, "_").into())),
        "kebabcase" => exactly(1, |args, _| Ok(connected(args.text(0)?, "-").into())),
        "camelcase" => exactly(1, |args, _| Ok(camel_case(args.text(0)?).into())),
        "abbrev" => exactly(2, |args, _| {
            let (width, text) = (args.size(0)?, args.text(1)?);
            if width < 4 {
                return Ok(Value::Text(text.clone()));
            }
            abbreviated(text, 0, width).map(Value::from)
        }),
        "abbrevboth" => exactly(3, abbrev_both),
        _ => None,
    }
}

/// The first letter of each word in upper case; words end where no letter, digit or `_` is.
fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_inside = false;
    for letter in text.chars() {
        if is_inside {
            out.push(letter);
        } else {
            out.extend(letter.to_uppercase());
        }
        is_inside = letter.is_alphanumeric() || letter == '_';
    }
    out
}

fn untitle(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_first = true;
    for letter in text.chars() {
        if is_first {
            out.extend(letter.to_lowercase());
        } else {
            out.push(letter);
        }
        is_first = letter.is_whitespace();
    }
    out
}

fn swap_case(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_uppercase() {
            out.extend(letter.to_lowercase());
        } else {
            out.extend(letter.to_uppercase());
        }
    }
    out
}

/// The words of an identifier: `HTTPServer`, `first_name`, `two-words`.
fn identifier_words(text: &str) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let mut words = vec![String::new()];
    for (index, letter) in letters.iter().enumerate() {
        if matches!(letter, '_' | '-' | ' ') {
            words.push(String::new());
            continue;
        }
        let before = index.checked_sub(1).and_then(|before| letters.get(before));
        let after = letters.get(index + 1);
        let follows_lower =
            before.is_some_and(|before| before.is_lowercase() || before.is_ascii_digit());
        let ends_capitals = before.is_some_and(|before| before.is_uppercase())
            && after.is_some_and(|after| after.is_lowercase());
        if letter.is_uppercase() && (follows_lower || ends_capitals) {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(*letter);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

fn connected(text: &str, connector: &str) -> String {
    let words = identifier_words(text);
    let words: Vec<_> = words.iter().map(|word| word.to_lowercase()).collect();
    words.join(connector)
}

fn camel_case(text: &str) -> String {
    let mut out = String::new();
    let words = text.split(['_', '-', ' ']);
    for word in words.filter(|word| !word.is_empty()) {
        let mut letters = word.chars();
        if let Some(first) = letters.next() {
            out.extend(first.to_uppercase());
        }
        out.push_str(letters.as_str());
    }
    out
}

const DOTS: &str = "...";

fn abbrev_both(args: &Args<'_>, _: &mut Run<'_>) -> Result<Value> {
    let (left, right, text) = (args.size(0)?, args.size(1)?, args.text(2)?);
    if right < 4 || (left > 0 && right < 7) {
        return Ok(Value::Text(text.clone()));
    }
    abbreviated(text, left, right).map(Value::from)
}

/// So many bytes of a text, from an offset on, with dots where something is missing. The width is at least 4.
fn abbreviated(text: &str, offset: usize, width: usize) -> Result<String> {
    let length = text.len();
    if length <= width {
        return Ok(text.to_owned());
    }
    let shown = width - DOTS.len();
    let offset = offset.min(length - shown);
    if offset <= 4 {
        return Ok(cut(text, 0, shown)? + DOTS);
    }
    if offset + shown < length {
        let shown = shown.saturating_sub(DOTS.len());
        return Ok(format!(
            "{DOTS}{}{DOTS}",
            cut(text, offset, offset + shown)?
        ));
    }
    Ok(format!("{DOTS}{}", cut(text, length - shown, length)?))
}
