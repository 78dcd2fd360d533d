//! An `import` line, and what it brings as seen from there.

use caddis_source::{OriginId, Span};

use crate::token::Token;
use crate::words::Word;

/// An `import` line.
pub(crate) struct Request {
    pub(crate) import: Token,
    pub(crate) arguments: Vec<Token>,
    pub(crate) pattern: Token,
    pub(crate) block: Vec<Word>,
}

impl Request {
    /// From `import` to the last argument.
    pub(crate) fn line(&self) -> Span {
        let last = self.arguments.last().unwrap_or(&self.pattern);
        self.import.span().to(last.span())
    }
}

/// The words, reached through an import.
pub(crate) fn through(mut words: Vec<Word>, origin: OriginId) -> Vec<Word> {
    for word in &mut words {
        let span = word.token.span().through(origin);
        word.token.set_span(span);
    }
    words
}
