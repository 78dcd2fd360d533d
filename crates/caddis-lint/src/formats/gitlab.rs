//! GitLab's report of code quality.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::linted::Linted;
use crate::rule::Level;

/// One array with an object for each finding; no two have the same fingerprint.
pub fn gitlab(all: &[Linted]) -> String {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut issues: Vec<Value> = Vec::new();
    for linted in all {
        for finding in linted.active() {
            let print = linted.fingerprint(finding);
            let count = counts.entry(print.clone()).or_default();
            *count += 1;
            let print = if *count == 1 {
                print
            } else {
                format!("{print}-{count}")
            };
            let place = finding.span().map(|span| linted.place(span));
            issues.push(json!({
                "type": "issue",
                "check_name": finding.code(),
                "description": format!("{}: {}", finding.code(), finding.diagnostic.message()),
                "categories": [if finding.rule.is_some_and(crate::rule::Rule::is_about_safety) { "Security" } else { "Bug Risk" }],
                "severity": match finding.level {
                    Level::Error => "critical",
                    Level::Warning => "major",
                    Level::Info => "minor",
                    Level::Style => "info",
                },
                "fingerprint": print,
                "location": {
                    "path": place.map_or(linted.name.as_str(), |place| place.file),
                    "lines": {"begin": place.map_or(1, |place| place.line), "end": place.map_or(1, |place| place.end_line)},
                },
            }));
        }
    }
    serde_json::to_string_pretty(&issues).unwrap_or_else(|_| "[]".into()) + "\n"
}
