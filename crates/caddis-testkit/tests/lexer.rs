//! Words and their lines, compared with those that Caddy reads.

use caddis_source::Sources;
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
    if case.get("error").is_some() {
        assert!(error.is_some(), "should be an error: {case}");
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
