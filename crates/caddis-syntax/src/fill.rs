//! Blocks and arguments put in the places that an imported text has for them.

use std::collections::HashMap;

use caddis_source::{Code, Diagnostic, Result};

use crate::arguments::{self, Finding};
use crate::block::{behind_closing, behind_opening};
use crate::expand::Level;
use crate::token::{Source, Token};
use crate::words::Word;

const ANONYMOUS_BLOCK: Code = Code("import/anonymous-block");

/// The lines of the block of an import by their first words, for `{blocks.NAME}`.
pub(crate) fn named_blocks(block: &[Word]) -> Result<HashMap<String, Vec<Word>>> {
    let mut blocks = HashMap::new();
    let mut at = 0;
    while let Some(name) = block.get(at) {
        if name.token.is_bare("{") {
            return Err(name
                .token
                .error(ANONYMOUS_BLOCK, "a block of an import needs a name")
                .help(
                    "remove these braces, or write a name before `{` and use it as `{blocks.name}`",
                )
                .caddys("anonymous blocks are not supported"));
        }
        let rest = block.get(at + 1..).unwrap_or(&[]);
        let (words, length) = named_block(rest)?;
        blocks.insert(name.token.text().to_owned(), words);
        at += 1 + length;
    }
    Ok(blocks)
}

/// The arguments of a named block and what is in its braces, and how many words these were.
fn named_block(rest: &[Word]) -> Result<(Vec<Word>, usize)> {
    let mut words = Vec::new();
    let mut depth = 0_usize;
    for (at, word) in rest.iter().enumerate() {
        if word.first && depth == 0 {
            return Ok((words, at));
        }
        let on_line = rest.get(at + 1).filter(|next| !next.first);
        if word.token.is_bare("{") {
            depth += 1;
            if depth == 1 {
                match on_line {
                    None => continue,
                    Some(_) => return Err(behind_opening(&word.token)),
                }
            }
        } else if word.token.is_bare("}") {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return match on_line {
                    None => Ok((words, at + 1)),
                    Some(next) => Err(behind_closing(&next.token)),
                };
            }
        }
        words.push(word.clone());
    }
    Ok((words, rest.len()))
}

/// The words that `{block}` or `{blocks.NAME}` stands for, if the word is one of these.
pub(crate) fn block_for<'w>(
    token: &Token,
    block: &'w [Word],
    blocks: &'w HashMap<String, Vec<Word>>,
) -> Option<&'w [Word]> {
    if token.text() == "{block}" {
        return Some(block);
    }
    let name = token.text().strip_prefix("{blocks.")?.strip_suffix('}')?;
    Some(blocks.get(name).map_or(&[], Vec::as_slice))
}

/// What an import stands for, as far as it is put together.
pub(crate) struct Filled {
    pub(crate) words: Vec<Word>,
    /// The next word begins a line, whatever stood before it in its file.
    first: bool,
}

impl Default for Filled {
    fn default() -> Self {
        Self {
            words: Vec::new(),
            first: true,
        }
    }
}

impl Filled {
    pub(crate) fn push(&mut self, mut word: Word) {
        word.first |= self.first;
        self.first = false;
        self.words.push(word);
    }

    /// Puts a block in the place of a word; it has lines of its own, as in Caddy.
    pub(crate) fn block(&mut self, place: &Word, words: &[Word]) {
        self.first |= place.first || !words.is_empty();
        for word in words {
            self.push(word.clone());
        }
        self.first |= !words.is_empty();
    }

    pub(crate) fn arguments(&mut self, place: &Word, values: &[Token]) {
        self.first |= place.first;
        for value in values {
            let mut token = place.token.clone();
            token.set_text(value.text().to_owned());
            token.set_source(Source::Argument(Some(value.span())));
            self.push(Word {
                token,
                first: false,
            });
        }
    }
}

pub(crate) fn report(token: &Token, finding: &Finding) -> Diagnostic {
    match finding {
        Finding::Wrong(message) => token.warning(arguments::PLACEHOLDER, message.clone()),
        Finding::Negative(key) => token
            .error(
                arguments::PLACEHOLDER,
                format!("`{{{key}}}` counts from below zero"),
            )
            .help("write the number of an argument, from 0 on"),
        Finding::Old(index) => token
            .warning(
                arguments::DEPRECATED,
                format!("`{{args.{index}}}` is the old way to write an argument"),
            )
            .help(format!("write `{{args[{index}]}}`")),
    }
}

/// Finds the snippets that a file defines: their placeholders wait for their own import.
pub(crate) struct SnippetFinder {
    depth: usize,
    /// How many words of the line came before, and whether the first looks like `(name)`.
    index: usize,
    named: bool,
    within: bool,
}

impl SnippetFinder {
    pub(crate) fn new(level: Level) -> Self {
        Self {
            depth: match level {
                Level::Top => 0,
                Level::Inside | Level::NamedRoute => 1,
            },
            index: 0,
            named: false,
            within: false,
        }
    }

    /// True if the word is part of the definition of a snippet.
    pub(crate) fn see(&mut self, word: &Word) -> bool {
        if !self.within && self.depth == 0 {
            self.index = if word.first { 0 } else { self.index + 1 };
            if self.index == 0 {
                let text = word.token.text();
                self.named = text.len() >= 3 && text.starts_with('(') && text.ends_with(')');
            }
        }
        if word.token.is_bare("{") {
            self.within |= self.depth == 0 && self.index == 1 && self.named;
            self.depth += 1;
        } else if word.token.is_bare("}") {
            self.depth = self.depth.saturating_sub(1);
            self.within &= self.depth > 0;
        }
        self.within
    }
}
