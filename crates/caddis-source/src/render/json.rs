//! Findings as one JSON array.

use serde::Serialize;

use crate::{Diagnostic, Sources, Span};

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    severity: String,
    message: &'a str,
    #[serde(flatten)]
    place: Option<Place<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    imports: Vec<Place<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    help: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    caddy: Option<String>,
}

#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    line: usize,
    column: usize,
}

/// One array with an object per finding.
pub fn json(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    let findings: Vec<_> = diagnostics
        .iter()
        .map(|found| finding(found, sources))
        .collect();
    serde_json::to_string_pretty(&findings).unwrap_or_else(|_| "[]".into()) + "\n"
}

fn finding<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Finding<'a> {
    let chain = diagnostic
        .span()
        .map(|span| sources.chain(span))
        .unwrap_or_default();
    Finding {
        code: diagnostic.code().0,
        severity: diagnostic.severity().to_string(),
        message: diagnostic.message(),
        place: diagnostic.span().map(|span| place(span, sources)),
        imports: chain
            .iter()
            .map(|import| place(import.line, sources))
            .collect(),
        help: diagnostic.helps(),
        caddy: diagnostic
            .caddys_words()
            .map(|caddys| caddys.message(sources)),
    }
}

fn place(span: Span, sources: &Sources) -> Place<'_> {
    let at = sources.position(span);
    Place {
        file: sources.name(span.file),
        line: at.line,
        column: at.column,
    }
}
