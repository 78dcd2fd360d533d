//! A word of a Caddyfile, and where it stands.

use caddis_source::{Code, Diagnostic, Span};

/// How a word was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quote {
    /// As it stands.
    Bare,
    /// In double quotes.
    Double,
    /// In backquotes.
    Back,
    /// As a heredoc.
    Heredoc,
}

/// A word of a Caddyfile, after expansion of variables and imports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    text: String,
    span: Span,
    quote: Quote,
}

impl Token {
    /// A word with its place.
    pub fn new(text: impl Into<String>, span: Span, quote: Quote) -> Self {
        Self {
            text: text.into(),
            span,
            quote,
        }
    }

    /// The text after quotes and escapes are taken away.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Where it stands.
    pub fn span(&self) -> Span {
        self.span
    }

    /// How it was written.
    pub fn quote(&self) -> Quote {
        self.quote
    }

    /// The same word with another text: placeholders were filled in.
    pub fn set_text(&mut self, text: String) {
        self.text = text;
    }

    /// An error at this word.
    pub fn error(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(code, self.span, message)
    }

    /// A warning at this word.
    pub fn warning(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::warning(code, self.span, message)
    }
}
