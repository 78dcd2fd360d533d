//! `brace-glued-to-address`: a brace without a space before it.
use caddis_source::Code;

use crate::rule::{Level, Phase, Rule, Safety};

pub(super) const RULE: Rule = Rule {
    code: Code("COR021"),
    name: "brace-glued-to-address",
    level: Level::Error,
    phase: Phase::Text,
    summary: "A brace without a space before it.",
    why: "The brace becomes part of the word before it, and nothing is as it looks.",
    bad: r#"app.example.com{
	respond "ok"
}
"#,
    bad_line: 1,
    good: r#"app.example.com {
	respond "ok"
}
"#,
    fix: Safety::Safe,
    adopts: &[Code("syntax/brace-without-space")],
    ..Rule::NEW
};
