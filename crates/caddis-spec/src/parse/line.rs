//! One line → what it is; the only file that names pest.

use pest::Parser as _;

pub(super) use grammar::Rule as Kind;

#[expect(
    unreachable_pub,
    reason = "pest derives a public enum of the grammar's rules, which the grammar explains"
)]
mod grammar {
    #[derive(pest_derive::Parser)]
    #[grammar = "../../../grammar/spec.pest"]
    pub struct Grammar;
}

/// A line and its parts, in the grammar's order.
pub(super) struct Line<'a> {
    /// What the line is.
    pub kind: Kind,
    parts: Vec<Part<'a>>,
}

/// A part of a line.
struct Part<'a> {
    kind: Kind,
    text: &'a str,
}

impl<'a> Line<'a> {
    /// Reads a line; `None` if the grammar has no such line.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let pair = grammar::Grammar::parse(Kind::line, text).ok()?.next()?;
        let kind = pair.as_rule();
        let parts = pair.into_inner().map(|part| Part {
            kind: part.as_rule(),
            text: part.as_str(),
        });
        Some(Self {
            kind,
            parts: parts.collect(),
        })
    }

    /// The text of the first part of a kind, if the line has one.
    pub(super) fn part(&self, kind: Kind) -> Option<&'a str> {
        let mut parts = self.parts.iter();
        parts.find(|part| part.kind == kind).map(|part| part.text)
    }

    /// The text of a part that the grammar gives to every line of this kind.
    pub(super) fn text(&self, kind: Kind) -> &'a str {
        self.part(kind).unwrap_or("")
    }
}
