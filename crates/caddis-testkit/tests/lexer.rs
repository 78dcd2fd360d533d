//! Words and their lines, compared with those that Caddy reads.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows test functions, not the functions they call"
)]

use caddis_source::{Diagnostic, Sources};
use caddis_syntax::{Token, tokens};
use caddis_testkit::shared;
use serde_json::{Value, json};

#[test]
fn the_words_of_a_text_are_those_that_caddy_reads() {
    let Some(table) = shared::json("conformance/lexer.json") else {
        return;
    };
    let cases = table.as_array().unwrap();
    for case in cases {
        check(case);
    }
    shared::say(&format!(
        "{} texts have the words that Caddy reads",
        cases.len()
    ));
}

fn check(case: &Value) {
    let input = case["input"].as_str().unwrap();
    let mut sources = Sources::new();
    let file = sources.add("Caddyfile", input);
    let (tokens, diagnostics) = tokens(&mut sources, file, &|_| None);
    let error = diagnostics.iter().find(|diagnostic| diagnostic.is_error());
    if let Some(message) = case.get("error") {
        let said = error.and_then(Diagnostic::caddys_words);
        let said = said.map(|caddys| caddys.message(&sources));
        assert_eq!(said.as_deref(), message.as_str(), "{case}");
        return;
    }
    assert!(error.is_none(), "{diagnostics:?}\n{case}");
    assert_eq!(with_lines(input, &tokens), case["tokens"], "{case}");
}

/// Caddy counts a line that continues another as one with it.
fn with_lines(input: &str, tokens: &[Token]) -> Value {
    let mut line = 1;
    let mut joined = 0;
    let mut end = 0;
    let entries = tokens.iter().map(|token| {
        let range = token.span().range();
        let (ends, escaped) = line_ends(&input[end..range.start]);
        line += ends;
        joined = if ends > escaped { 0 } else { joined + escaped };
        let entry = json!({"line": line - joined, "text": token.text()});
        line += input[range.clone()].matches('\n').count();
        end = range.end;
        entry
    });
    entries.collect()
}

fn line_ends(gap: &str) -> (usize, usize) {
    (gap.matches('\n').count(), gap.matches("\\\n").count())
}
