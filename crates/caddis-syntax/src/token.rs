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
    source: Source,
}

/// Where the text of a word came from, if it is not what stands at its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// It is what stands there.
    Written,
    /// A variable of the environment was filled in.
    Environment,
    /// An argument of an import was filled in; where the argument stands, if there is one place.
    Argument(Option<Span>),
}

impl Token {
    /// A word with its place.
    pub fn new(text: impl Into<String>, span: Span, quote: Quote) -> Self {
        Self {
            text: text.into(),
            span,
            quote,
            source: Source::Written,
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

    /// True if it is this text, not in quotes: braces in quotes are no braces.
    pub fn is_bare(&self, text: &str) -> bool {
        self.quote == Quote::Bare && self.text == text
    }

    /// An error at this word.
    pub fn error(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        self.explain(Diagnostic::error(code, self.span, message))
    }

    /// A warning at this word.
    pub fn warning(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        self.explain(Diagnostic::warning(code, self.span, message))
    }

    /// Says what the word became, where that is not what stands there.
    fn explain(&self, diagnostic: Diagnostic) -> Diagnostic {
        let text = self.text.escape_debug();
        match self.source {
            Source::Written => diagnostic,
            Source::Environment => diagnostic.label(format!("this is `{text}`")),
            Source::Argument(place) => {
                let diagnostic = diagnostic.label(format!("`{text}` after expansion"));
                match place {
                    Some(place) => diagnostic.also(place, "the argument"),
                    None => diagnostic,
                }
            }
        }
    }

    pub(crate) fn set_source(&mut self, source: Source) {
        self.source = source;
    }

    pub(crate) fn set_span(&mut self, span: Span) {
        self.span = span;
    }
}
