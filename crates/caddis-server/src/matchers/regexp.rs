//! Regular expressions in RE2's syntax, and the groups that they leave behind.

use std::borrow::Cow;
use std::sync::Arc;

use caddis_ir::{Path, Pattern};
use regex::Regex;

use crate::Context;
use crate::builder::Builder;

/// A regular expression, whose groups become `{http.regexp.<name>.<group>}`.
pub(crate) struct Expression {
    regex: Regex,
    /// The names of placeholders for each group.
    keys: Vec<Vec<Arc<str>>>,
}

impl Expression {
    pub(crate) fn build(pattern: &Pattern, at: &Path, builder: &mut Builder<'_>) -> Option<Self> {
        let regex = compile(&pattern.pattern, &at.key("pattern"), builder)?;
        let prefix = (!pattern.name.is_empty()).then(|| format!("{}.", pattern.name));
        let key = |group: &str| {
            let prefixed = prefix
                .as_ref()
                .map(|prefix| format!("{prefix}{group}").into());
            prefixed
                .into_iter()
                .chain([Arc::from(group)])
                .collect::<Vec<Arc<str>>>()
        };
        let keys = regex.capture_names().enumerate().map(|(index, name)| {
            let mut keys = key(&index.to_string());
            keys.extend(name.map(key).unwrap_or_default());
            keys
        });
        let keys = keys.collect();
        Some(Self { regex, keys })
    }

    /// Whether it matches; if so, its groups are noted.
    pub(crate) fn matches(&self, text: &[u8], context: &Context) -> bool {
        // Go matches a byte that is not UTF-8 as U+FFFD; so must this, or such a byte would lead around a pattern.
        let text: Cow<'_, str> = String::from_utf8_lossy(text);
        let Some(found) = self.regex.captures(&text) else {
            return false;
        };
        let mut notes = context.notes();
        for (group, keys) in found.iter().zip(&self.keys) {
            let value = group.map_or("", |group| group.as_str());
            for key in keys {
                notes.capture(key, value);
            }
        }
        true
    }
}

/// Compiles an expression that is written for Go.
pub(crate) fn compile(pattern: &str, at: &Path, builder: &mut Builder<'_>) -> Option<Regex> {
    match Regex::new(&from_go(pattern)) {
        Ok(regex) => Some(regex),
        Err(error) => {
            let error = error.to_string();
            let reason = error.lines().last().unwrap_or_default();
            let reason = reason.strip_prefix("error: ").unwrap_or(reason);
            builder.error(
                at,
                format!("`{pattern}` is not a regular expression: {reason}"),
            );
            None
        }
    }
}

/// The same expression where `\d`, `\w`, `\s` and `\b` mean what they mean in Go: ASCII only.
pub(crate) fn from_go(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut letters = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('Q') => quoted(&mut letters, &mut out),
                Some(escaped) => push_escape(escaped, in_class, &mut out),
                None => out.push('\\'),
            },
            '[' if in_class && letters.peek() != Some(&':') => out.push_str("\\["),
            '[' if in_class => {
                out.push('[');
                for letter in letters.by_ref() {
                    out.push(letter);
                    if letter == ']' {
                        break;
                    }
                }
            }
            '[' => {
                in_class = true;
                out.push('[');
                out.extend(letters.next_if_eq(&'^'));
                if letters.next_if_eq(&']').is_some() {
                    out.push_str("\\]");
                }
            }
            ']' if in_class => {
                in_class = false;
                out.push(']');
            }
            '&' | '~' if in_class => {
                out.push('\\');
                out.push(letter);
            }
            _ => out.push(letter),
        }
    }
    out
}

fn push_escape(escaped: char, in_class: bool, out: &mut String) {
    match escaped {
        'd' => out.push_str("[0-9]"),
        'D' => out.push_str("[^0-9]"),
        'w' => out.push_str("[0-9A-Za-z_]"),
        'W' => out.push_str("[^0-9A-Za-z_]"),
        's' => out.push_str("[\\t\\n\\f\\r ]"),
        'S' => out.push_str("[^\\t\\n\\f\\r ]"),
        'b' | 'B' if !in_class => {
            out.push_str("(?-u:\\");
            out.push(escaped);
            out.push(')');
        }
        // In Go these are the letters themselves, here they would be the ends of a word.
        '<' | '>' => out.push(escaped),
        _ => {
            out.push('\\');
            out.push(escaped);
        }
    }
}

/// `\Q…\E`: nothing in it has a meaning.
fn quoted(letters: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    while let Some(letter) = letters.next() {
        if letter == '\\' && letters.next_if_eq(&'E').is_some() {
            return;
        }
        out.push_str(&regex::escape(letter.encode_utf8(&mut [0; 4])));
    }
}
