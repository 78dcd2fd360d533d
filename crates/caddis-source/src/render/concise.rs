//! `file:line:column: severity: message`, for scripts that grep.

use std::fmt::Write as _;

use crate::{Diagnostic, Sources};

/// One line per finding.
pub fn concise(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        if let Some(span) = diagnostic.span() {
            let at = sources.position(span);
            let _ = write!(
                text,
                "{}:{}:{}: ",
                sources.name(span.file),
                at.line,
                at.column
            );
        }
        let _ = write!(text, "{}: {}", diagnostic.severity(), diagnostic.message());
        for import in diagnostic
            .span()
            .map(|span| sources.chain(span))
            .unwrap_or_default()
        {
            let at = sources.position(import.line);
            let file = sources.name(import.line.file);
            let _ = write!(text, " (imported at {file}:{}:{})", at.line, at.column);
        }
        let _ = writeln!(text, " [{}]", diagnostic.code());
    }
    text
}
