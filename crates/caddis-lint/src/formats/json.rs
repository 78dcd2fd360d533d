//! Findings as one JSON array; fields are only ever added.

use serde_json::{Value, json};

use crate::finding::Finding;
use crate::linted::Linted;
use crate::rule::Safety;

/// One array with an object for each finding.
pub fn json(all: &[Linted]) -> String {
    let findings = all
        .iter()
        .flat_map(|linted| linted.active().map(|finding| object(linted, finding)));
    let findings: Vec<Value> = findings.collect();
    serde_json::to_string_pretty(&findings).unwrap_or_else(|_| "[]".into()) + "\n"
}

fn object(linted: &Linted, finding: &Finding) -> Value {
    let mut object = json!({
        "code": finding.code(),
        "name": finding.name(),
        "severity": finding.level.name(),
        "message": finding.diagnostic.message(),
        "site": finding.site,
        "help": finding.diagnostic.helps(),
        "fingerprint": linted.fingerprint(finding),
    });
    let Some(fields) = object.as_object_mut() else {
        return object;
    };
    if let Some(span) = finding.span() {
        let place = linted.place(span);
        fields.insert("file".into(), place.file.into());
        fields.insert("line".into(), place.line.into());
        fields.insert("column".into(), place.column.into());
        fields.insert("end_line".into(), place.end_line.into());
        fields.insert("end_column".into(), place.end_column.into());
        let chain = linted.sources.chain(span).into_iter().map(|import| {
            let place = linted.place(import.line);
            json!({"file": place.file, "line": place.line, "column": place.column, "what": import.what})
        });
        fields.insert("import_chain".into(), chain.collect());
    }
    if let Some(witness) = &finding.witness {
        let headers: Vec<Value> = witness
            .request
            .headers
            .iter()
            .map(|(name, value)| json!([name, value]))
            .collect();
        let request = json!({
            "method": witness.request.method,
            "url": witness.request.url(),
            "headers": headers,
        });
        let witness =
            json!({"request": request, "outcome": witness.outcome, "proven": witness.proven});
        fields.insert("witness".into(), witness);
    }
    if let Some(fix) = fix(linted, finding) {
        fields.insert("fix".into(), fix);
    }
    if let Some(rule) = finding.rule {
        fields.insert(
            "docs".into(),
            format!("caddis lint --explain {}", rule.code).into(),
        );
    }
    object
}

fn fix(linted: &Linted, finding: &Finding) -> Option<Value> {
    let fix = finding.diagnostic.fixes()?;
    let safety = match finding.safety {
        Safety::Safe => "safe",
        Safety::Unsafe => "unsafe",
        Safety::None => return None,
    };
    let edits = fix.edits.iter().map(|edit| {
        let place = linted.place(edit.span);
        json!({
            "file": place.file,
            "line": place.line,
            "column": place.column,
            "end_line": place.end_line,
            "end_column": place.end_column,
            "text": edit.text,
        })
    });
    let edits: Vec<Value> = edits.collect();
    Some(json!({"title": fix.title, "safety": safety, "edits": edits}))
}
