//! Annotations that GitHub shows on the changed lines.

use std::fmt::Write as _;

use crate::linted::Linted;
use crate::rule::Level;

/// One workflow command for each finding.
pub fn github(all: &[Linted]) -> String {
    let mut text = String::new();
    for linted in all {
        for finding in linted.active() {
            let command = match finding.level {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Info | Level::Style => "notice",
            };
            let _ = write!(text, "::{command} ");
            if let Some(span) = finding.span() {
                let place = linted.place(span);
                let _ = write!(text, "file={},line={}", property(place.file), place.line);
                // GitHub draws columns for one line only.
                if place.line == place.end_line {
                    let _ = write!(text, ",col={},endColumn={}", place.column, place.end_column);
                }
                let _ = write!(text, ",endLine={},", place.end_line);
            }
            let mut message = finding.diagnostic.message().to_owned();
            if let Some(witness) = &finding.witness {
                let _ = write!(
                    message,
                    "\nfor example, {} {}",
                    witness.request, witness.outcome
                );
            }
            for help in finding.diagnostic.helps() {
                let _ = write!(message, "\n{help}");
            }
            let title = property(&format!("{} {}", finding.code(), finding.name()));
            let _ = writeln!(text, "title={title}::{}", data(&message));
        }
    }
    text
}

/// Escapes as <https://github.com/actions/toolkit> does for message texts.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
