//! A Caddyfile as sites, lines and blocks; imports are gone.

use caddis_source::Span;

use crate::Token;

/// A whole Caddyfile.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    /// The global options.
    pub options: Option<Block>,
    /// Named routes, `&(name) { … }`.
    pub named_routes: Vec<Site>,
    /// Sites, in order.
    pub sites: Vec<Site>,
}

/// A site: its addresses and what is in its block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// The addresses, without commas; the name of a named route.
    pub addresses: Vec<Token>,
    /// What is in it; the spans are empty for the one site without braces.
    pub block: Block,
}

/// Lines between braces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// The opening brace.
    pub open: Span,
    /// In order.
    pub lines: Vec<Line>,
    /// The closing brace.
    pub close: Span,
}

/// A line: a name, arguments, and perhaps a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The name, then the arguments; never empty.
    pub words: Vec<Token>,
    /// The block that opens at the end of the line.
    pub block: Option<Block>,
}

impl Line {
    /// The first word.
    pub fn name(&self) -> &Token {
        &self.words[0]
    }

    /// The words after the first.
    pub fn arguments(&self) -> &[Token] {
        &self.words[1..]
    }

    /// From the first word to the last.
    pub fn span(&self) -> Span {
        let last = self.words.last().unwrap_or(&self.words[0]);
        self.words[0].span().to(last.span())
    }
}
