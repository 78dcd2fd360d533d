//! TAP 14: a line for each file, with its findings below.

use std::fmt::Write as _;

use crate::linted::Linted;

/// One document with a point for each file.
pub fn tap(all: &[Linted]) -> String {
    let mut text = format!("TAP version 14\n1..{}\n", all.len());
    for (at, linted) in all.iter().enumerate() {
        let name = linted.name.replace('#', "\\#");
        let findings: Vec<_> = linted.active().collect();
        let result = if findings.is_empty() { "ok" } else { "not ok" };
        let _ = writeln!(text, "{result} {} - {name}", at + 1);
        if findings.is_empty() {
            continue;
        }
        text.push_str("  ---\n  findings:\n");
        for finding in findings {
            let place = finding.span().map(|span| linted.place(span));
            let (line, column) = place.map_or((1, 1), |place| (place.line, place.column));
            // A JSON text is a YAML text too.
            let message = serde_json::Value::from(finding.diagnostic.message()).to_string();
            let _ = writeln!(
                text,
                "    - code: {}\n      severity: {}\n      line: {line}\n      column: {column}\n      message: {message}",
                finding.code(),
                finding.level.name()
            );
        }
        text.push_str("  ...\n");
    }
    text
}
