//! SARIF 2.1.0, as code scanners exchange it.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::finding::Finding;
use crate::linted::Linted;
use crate::rule::{Level, Rule, Safety};
use crate::rules::RULES;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const HOME: &str = "https://github.com/caddis-server/caddis";

/// One log with one run. Every rule is in it, so that alerts close whose findings are gone.
pub fn sarif(all: &[Linted], version: &str) -> String {
    let rules: Vec<Value> = RULES.iter().map(|rule| descriptor(rule)).collect();
    let results = all.iter().flat_map(|linted| {
        linted
            .findings
            .iter()
            .map(|finding| result(linted, finding))
    });
    let results: Vec<Value> = results.collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "caddis",
                "version": version,
                "informationUri": HOME,
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

fn descriptor(rule: &Rule) -> Value {
    let mut tags = vec!["caddyfile".to_owned()];
    if rule.is_about_safety() {
        tags.push("security".into());
    }
    tags.extend(rule.cwe.map(|cwe| format!("external/cwe/cwe-{cwe:03}")));
    let mut properties = json!({"tags": tags});
    if let (Some(risk), Some(fields)) = (rule.risk, properties.as_object_mut()) {
        fields.insert("security-severity".into(), risk.into());
    }
    json!({
        "id": rule.code.0,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why},
        "help": {"text": format!("caddis lint --explain {}", rule.code), "markdown": crate::explain::explain(rule)},
        "helpUri": HOME,
        "defaultConfiguration": {"level": level(rule.level), "enabled": rule.enabled},
        "properties": properties,
    })
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Info | Level::Style => "note",
    }
}

fn result(linted: &Linted, finding: &Finding) -> Value {
    let mut message = finding.diagnostic.message().to_owned();
    if let Some(witness) = &finding.witness {
        let _ = write!(
            message,
            " (for example, {} {})",
            witness.request, witness.outcome
        );
    }
    let mut result = json!({
        "ruleId": finding.code(),
        "level": level(finding.level),
        "message": {"text": message},
        "partialFingerprints": {"caddisFinding/v1": linted.fingerprint(finding)},
    });
    let Some(fields) = result.as_object_mut() else {
        return result;
    };
    let index = finding
        .rule
        .and_then(|rule| RULES.iter().position(|one| *one == rule));
    if let Some(index) = index {
        fields.insert("ruleIndex".into(), index.into());
    }
    if let Some(span) = finding.span() {
        fields.insert("locations".into(), json!([location(linted, span, None)]));
    }
    let others = finding.diagnostic.labels().iter().skip(1).enumerate();
    let others: Vec<Value> = others
        .map(|(at, label)| {
            let mut related = location(linted, label.span, Some(&label.text));
            if let Some(fields) = related.as_object_mut() {
                fields.insert("id".into(), at.into());
            }
            related
        })
        .collect();
    if !others.is_empty() {
        fields.insert("relatedLocations".into(), others.into());
    }
    if let (Safety::Safe, Some(fix)) = (finding.safety, finding.diagnostic.fixes()) {
        fields.insert("fixes".into(), json!([fixed(linted, fix)]));
    }
    if let Some(reason) = &finding.suppressed {
        fields.insert(
            "suppressions".into(),
            json!([{"kind": "inSource", "justification": reason}]),
        );
    }
    result
}

fn location(linted: &Linted, span: caddis_source::Span, text: Option<&str>) -> Value {
    let place = linted.place(span);
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": {"uri": uri(place.file)},
            "region": region(linted, span),
        },
    });
    if let (Some(text), Some(fields)) = (
        text.filter(|text| !text.is_empty()),
        location.as_object_mut(),
    ) {
        fields.insert("message".into(), json!({"text": text}));
    }
    location
}

fn region(linted: &Linted, span: caddis_source::Span) -> Value {
    let place = linted.place(span);
    json!({
        "startLine": place.line,
        "startColumn": place.column,
        "endLine": place.end_line,
        "endColumn": place.end_column,
    })
}

/// Paths of a repository, with what a URI cannot hold written in percent.
fn uri(file: &str) -> String {
    let file = file.strip_prefix("./").unwrap_or(file);
    let mut uri = String::with_capacity(file.len());
    for byte in file.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' | b'~' => {
                uri.push(char::from(byte));
            }
            b'\\' => uri.push('/'),
            other => {
                let _ = write!(uri, "%{other:02X}");
            }
        }
    }
    uri
}

fn fixed(linted: &Linted, fix: &caddis_source::Fix) -> Value {
    let changes = fix.edits.iter().map(|edit| {
        let place = linted.place(edit.span);
        json!({
            "artifactLocation": {"uri": uri(place.file)},
            "replacements": [{
                "deletedRegion": region(linted, edit.span),
                "insertedContent": {"text": edit.text},
            }],
        })
    });
    let changes: Vec<Value> = changes.collect();
    json!({"description": {"text": fix.title}, "artifactChanges": changes})
}
