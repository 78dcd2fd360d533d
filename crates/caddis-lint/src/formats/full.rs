//! Findings drawn over the text, with the request that shows them.

use caddis_source::Diagnostic;
use caddis_source::render::{self, Style};

use crate::finding::Finding;
use crate::linted::Linted;
use crate::rule::Safety;

/// Every finding over its text.
pub fn full(all: &[Linted], style: Style) -> String {
    let mut text = String::new();
    for linted in all {
        let drawn: Vec<Diagnostic> = linted.active().map(told).collect();
        if !drawn.is_empty() {
            text.push_str(&render::drawn_each(&drawn, &linted.sources, style));
        }
    }
    text
}

/// The finding with its witness and what can be done as further lines.
fn told(finding: &Finding) -> Diagnostic {
    let mut told = finding.diagnostic.clone();
    if let Some(witness) = &finding.witness {
        let request = &witness.request;
        let unsure = if witness.proven { "" } else { " (not proven)" };
        told = told.help(format!(
            "for example, {request} {}{unsure}",
            witness.outcome
        ));
    }
    match finding.safety {
        Safety::Safe => told = told.help("`--fix` does it"),
        Safety::Unsafe => told = told.help("`--unsafe-fixes` does it; look at the result"),
        Safety::None => {}
    }
    match finding.rule {
        Some(rule) => told.help(format!(
            "more: `caddis lint --explain {}` ({})",
            rule.code, rule.name
        )),
        None => told,
    }
}
