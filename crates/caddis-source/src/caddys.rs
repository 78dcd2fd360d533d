//! What Caddy says of a finding, word for word: for those who know its messages, search for them or match them.

use std::fmt::Write as _;

use crate::{Sources, Span};

/// Caddy's words, and the lines that they name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caddys {
    /// The words without places.
    pub text: String,
    /// The line that stands before them.
    pub before: Option<Span>,
    /// The lines that stand behind them, innermost first.
    pub at: Vec<Span>,
}

impl Caddys {
    /// Words without a place.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            before: None,
            at: Vec::new(),
        }
    }

    /// The whole message, as Caddy prints it behind `Error: `, but without its import chain.
    pub fn message(&self, sources: &Sources) -> String {
        let place = |span: Span| {
            let line = sources.position(span).line;
            format!("{}:{line}", sources.name(span.file))
        };
        let before = self.before.map(|span| place(span) + ": ");
        let mut message = before.unwrap_or_default() + &self.text;
        for span in &self.at {
            let _ = write!(message, ", at {}", place(*span));
        }
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_stand_before_and_behind_the_words() {
        let mut sources = Sources::new();
        let file = sources.add("Caddyfile", "a\nb\nc\n");
        let line = |line: usize| Span::new(file, 2 * line - 2, 2 * line - 1);
        let mut caddys = Caddys::new("no such thing");
        assert_eq!(caddys.message(&sources), "no such thing");
        caddys.at = vec![line(2), line(3)];
        assert_eq!(
            caddys.message(&sources),
            "no such thing, at Caddyfile:2, at Caddyfile:3"
        );
        caddys.at.clear();
        caddys.before = Some(line(1));
        assert_eq!(caddys.message(&sources), "Caddyfile:1: no such thing");
    }
}
