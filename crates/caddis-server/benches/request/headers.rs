//! Rules for header fields, of the request and of the answer.

use std::fmt;

use divan::Bencher;
use serde_json::{Value, json};

use crate::tree::{answer, measure};

/// Rules, by what the results call them.
struct Rules(&'static str, fn() -> Value);

impl fmt::Display for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

const RULES: &[Rules] = &[
    Rules(
        "request: set",
        || json!({"request": {"set": {"X-Real-Ip": ["192.0.2.7"]}}}),
    ),
    Rules(
        "request: set to a placeholder",
        || json!({"request": {"set": {"X-Real-Ip": ["{http.request.remote.host}"]}}}),
    ),
    Rules(
        "request: delete",
        || json!({"request": {"delete": ["Cookie"]}}),
    ),
    Rules(
        "request: delete by beginning",
        || json!({"request": {"delete": ["X-*"]}}),
    ),
    Rules(
        "request: replace",
        || json!({"request": {"replace": {"Accept": [{"search": "json", "replace": "xml"}]}}}),
    ),
    Rules(
        "request: replace by regexp",
        || json!({"request": {"replace": {"Accept": [{"search_regexp": "j[so]+n", "replace": "xml"}]}}}),
    ),
    Rules(
        "answer: set",
        || json!({"response": {"set": {"X-Frame-Options": ["DENY"]}}}),
    ),
    Rules(
        "answer: set 5",
        || json!({"response": {"set": {"X-A": ["a"], "X-B": ["b"], "X-C": ["c"], "X-D": ["d"], "X-E": ["e"]}}}),
    ),
    Rules(
        "answer: add",
        || json!({"response": {"add": {"Vary": ["Origin"]}}}),
    ),
    Rules(
        "answer: delete at the end",
        || json!({"response": {"delete": ["Server"], "deferred": true}}),
    ),
    Rules(
        "answer: set, if there",
        || json!({"response": {"set": {"X-A": ["a"]}, "require": {"headers": {"Server": ["*"]}}}}),
    ),
];

#[divan::bench(args = RULES)]
fn header_edit(bencher: Bencher, rules: &Rules) {
    let mut handler = (rules.1)();
    handler["handler"] = "headers".into();
    measure(bencher, &json!([{"handle": [handler, answer()]}]));
}
