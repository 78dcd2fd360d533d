//! What the lint says of one file, with the texts that it is about.

use std::fmt::Write as _;

use caddis_source::{FileId, Sources, Span};

use crate::finding::Finding;
use crate::rule::Level;

/// A file that was looked at.
#[derive(Clone, Debug)]
pub struct Linted {
    /// Its name.
    pub name: String,
    /// Its texts.
    pub sources: Sources,
    /// What was found; suppressed findings too.
    pub findings: Vec<Finding>,
    /// True if it could not be read as a Caddyfile.
    pub is_unreadable: bool,
}

impl Linted {
    /// The findings that count.
    pub fn active(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.is_active())
    }

    /// The worst level of those that count.
    pub fn worst(&self) -> Option<Level> {
        self.active().map(|finding| finding.level).max()
    }

    /// What stays the same of a finding when lines move: its rule, its site and its statement.
    pub fn fingerprint(&self, finding: &Finding) -> String {
        let span = finding.span();
        let file = span.map_or("", |span| self.sources.name(span.file));
        let statement = span.map_or("", |span| self.sources.slice(span));
        let statement: Vec<&str> = statement.split_whitespace().collect();
        let parts = [
            finding.code(),
            file,
            &finding.site,
            &statement.join(" "),
            finding.diagnostic.message(),
        ];
        let mut text = String::new();
        let _ = write!(text, "{:016x}", fnv(&parts.join("\u{0}")));
        text
    }

    pub(crate) fn place(&self, span: Span) -> Place<'_> {
        let (start, end) = (self.sources.position(span), self.end(span.file, span.end));
        Place {
            file: self.sources.name(span.file),
            line: start.line,
            column: start.column,
            end_line: end.line,
            end_column: end.column,
        }
    }

    fn end(&self, file: FileId, offset: u32) -> caddis_source::Position {
        self.sources.position_at(file, offset)
    }
}

/// A place in numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub(crate) file: &'a str,
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) end_line: usize,
    pub(crate) end_column: usize,
}

/// FNV-1a, which is the same everywhere and for ever.
fn fnv(text: &str) -> u64 {
    const START: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    text.bytes().fold(START, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(PRIME)
    })
}
