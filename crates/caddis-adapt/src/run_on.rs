//! Options that stand behind another one on the same line: Caddy reads many blocks word after word.

use std::borrow::Cow;

use caddis_syntax::{Line, Token};

/// The lines of a block, where each option has a line of its own.
///
/// `takes` says of options how many words they take; `output stdout` takes one word if that word is `stdout`.
/// What follows these words starts an option if it is one of `options`. The last option of a line has its block.
pub(crate) fn lines<'a>(
    lines: &'a [Line],
    takes: &[(&str, usize)],
    options: &[&str],
) -> Cow<'a, [Line]> {
    let runs_on = |line: &Line| next_option(&line.words, takes, options).is_some();
    if !lines.iter().any(runs_on) {
        return Cow::Borrowed(lines);
    }
    let split = lines.iter().flat_map(|line| split(line, takes, options));
    Cow::Owned(split.collect())
}

fn split(line: &Line, takes: &[(&str, usize)], options: &[&str]) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut words = line.words.as_slice();
    while let Some(next) = next_option(words, takes, options) {
        let (first, rest) = words.split_at(next);
        lines.push(Line {
            words: first.to_vec(),
            block: None,
        });
        words = rest;
    }
    lines.push(Line {
        words: words.to_vec(),
        block: line.block.clone(),
    });
    lines
}

/// Where another option starts, behind the words that the first one takes.
fn next_option(words: &[Token], takes: &[(&str, usize)], options: &[&str]) -> Option<usize> {
    let name = words.first()?.text();
    let second = words.get(1).map(Token::text);
    let is_first = |option: &str| match option.split_once(' ') {
        None => option == name,
        Some((option, word)) => option == name && second == Some(word),
    };
    let (_, arguments) = takes.iter().find(|(option, _)| is_first(option))?;
    let next = arguments + 1;
    let is_option = options.contains(&words.get(next)?.text());
    is_option.then_some(next)
}
