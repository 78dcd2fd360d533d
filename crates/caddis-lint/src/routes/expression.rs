//! The part of CEL that people write into matchers: comparisons of placeholders with texts, joined by `&&` and `||`.

use super::credentials::names_credentials;
use super::matching::{State, Truth};
use super::patterns::path_matches;
use super::placeholders;

/// What an expression says of a request; `Maybe` for what is not understood.
pub(super) fn truth(text: &str, state: &State<'_>) -> Truth {
    let text = unwrapped(text.trim());
    if let Some(parts) = split(text, "||") {
        return parts
            .into_iter()
            .map(|part| truth(part, state))
            .fold(Truth::No, Truth::or);
    }
    if let Some(parts) = split(text, "&&") {
        return parts
            .into_iter()
            .map(|part| truth(part, state))
            .fold(Truth::Yes, Truth::and);
    }
    if let Some(inner) = text.strip_prefix('!')
        && !inner.starts_with('=')
    {
        return truth(inner, state).negated();
    }
    atom(text, state)
}

fn atom(text: &str, state: &State<'_>) -> Truth {
    for (operator, is_equal) in [("!=", false), ("==", true)] {
        if let Some((left, right)) = text.split_once(operator) {
            let compared = compared(left.trim(), right.trim(), state);
            return if is_equal {
                compared
            } else {
                compared.negated()
            };
        }
    }
    if let Some((subject, argument)) = call(text) {
        return called(subject, argument, state);
    }
    unknown(text)
}

/// What asks for credentials is not there for somebody who has none.
fn unknown(text: &str) -> Truth {
    if names_credentials(text) {
        Truth::No
    } else {
        Truth::Maybe
    }
}

fn compared(left: &str, right: &str, state: &State<'_>) -> Truth {
    match (operand(left, state), operand(right, state)) {
        (Some(left), Some(right)) => Truth::of(left == right),
        // A secret that is set is not empty, and nobody guesses it.
        _ if is_secret(left) || is_secret(right) => Truth::No,
        _ => unknown(&format!("{left}{right}")),
    }
}

fn is_secret(operand: &str) -> bool {
    operand.contains("{env.") || operand.contains("{file.")
}

fn operand(text: &str, state: &State<'_>) -> Option<String> {
    let plain = text.trim_matches(['"', '\'', '`']);
    if plain.len() != text.len() || text.starts_with('{') {
        return placeholders::fill(plain, state);
    }
    None
}

/// `{path}.startsWith("/a")`, `path("/a*")`, `method("GET")`.
fn call(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_suffix(')')?;
    let open = inner.find('(')?;
    Some((inner.get(..open)?, inner.get(open + 1..)?.trim()))
}

fn called(subject: &str, argument: &str, state: &State<'_>) -> Truth {
    let texts: Vec<&str> = argument
        .split(',')
        .map(|one| one.trim().trim_matches(['"', '\'']))
        .collect();
    match subject {
        "path" => match &state.path {
            Some(path) => Truth::of(texts.iter().any(|pattern| path_matches(pattern, path))),
            None => Truth::Maybe,
        },
        "method" => Truth::of(texts.contains(&state.method.as_str())),
        "remote_ip" | "client_ip" => Truth::of(super::matching::in_ranges(&texts)),
        _ => {
            let Some((placeholder, method)) = subject.rsplit_once('.') else {
                return unknown(subject);
            };
            let (Some(value), [text]) = (operand(placeholder, state), texts.as_slice()) else {
                return unknown(&format!("{subject}{argument}"));
            };
            match method {
                "startsWith" => Truth::of(value.starts_with(text)),
                "endsWith" => Truth::of(value.ends_with(text)),
                "contains" => Truth::of(value.contains(text)),
                _ => unknown(subject),
            }
        }
    }
}

fn unwrapped(text: &str) -> &str {
    match text
        .strip_prefix('(')
        .and_then(|inner| inner.strip_suffix(')'))
    {
        Some(inner) if is_balanced(inner) => inner.trim(),
        Some(_) | None => text,
    }
}

fn is_balanced(text: &str) -> bool {
    let mut depth = 0_i32;
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth < 0 {
            return false;
        }
    }
    depth == 0
}

/// The parts between an operator outside of parentheses and quotes; `None` if there is only one.
fn split<'t>(text: &'t str, operator: &str) -> Option<Vec<&'t str>> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_i32);
    let mut quote: Option<char> = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth -= 1,
            (None, _) => {
                if depth == 0
                    && at >= start
                    && text
                        .get(at..)
                        .is_some_and(|rest| rest.starts_with(operator))
                {
                    parts.push(text.get(start..at)?);
                    start = at + operator.len();
                }
            }
        }
    }
    parts.push(text.get(start..)?);
    (parts.len() > 1).then_some(parts)
}
