//! `file:line:column: level: message [code name]`, a line each.

use std::fmt::Write as _;

use crate::linted::Linted;

/// One line for each finding.
pub fn concise(all: &[Linted]) -> String {
    let mut text = String::new();
    for linted in all {
        for finding in linted.active() {
            if let Some(span) = finding.span() {
                let place = linted.place(span);
                let _ = write!(text, "{}:{}:{}: ", place.file, place.line, place.column);
            }
            let _ = write!(
                text,
                "{}: {}",
                finding.level.name(),
                finding.diagnostic.message()
            );
            if let Some(witness) = &finding.witness {
                let _ = write!(text, ": {} {}", witness.request, witness.outcome);
            }
            let chain = finding
                .span()
                .map(|span| linted.sources.chain(span))
                .unwrap_or_default();
            for import in chain {
                let place = linted.place(import.line);
                let _ = write!(
                    text,
                    " (imported at {}:{}:{})",
                    place.file, place.line, place.column
                );
            }
            let _ = match finding.rule {
                Some(rule) => writeln!(text, " [{} {}]", rule.code, rule.name),
                None => writeln!(text, " [{}]", finding.code()),
            };
        }
    }
    text
}
