//! Annotations that GitHub shows on the changed lines.

use std::fmt::Write as _;

use crate::{Diagnostic, Severity, Sources};

/// One workflow command per finding.
pub fn github(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let command = match diagnostic.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let place = diagnostic.span().map(|span| {
            let at = sources.position(span);
            let file = property(sources.name(span.file));
            format!("file={file},line={},col={},", at.line, at.column)
        });
        let title = property(diagnostic.code().0);
        let message = data(diagnostic.message());
        let place = place.unwrap_or_default();
        let _ = writeln!(text, "::{command} {place}title={title}::{message}");
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
