//! `unknown-directive`: a directive that there is not.
use caddis_source::Code;

use crate::rule::{Level, Phase, Rule, Safety};

pub(super) const RULE: Rule = Rule {
    code: Code("COR001"),
    name: "unknown-directive",
    level: Level::Error,
    phase: Phase::Tree,
    summary: "A directive that there is not.",
    why: "Nothing can be served: the word means nothing to Caddy either, which says so without a word about what was meant.",
    bad: r"app.example.com {
	revers_proxy 127.0.0.1:3000
}
",
    bad_line: 2,
    good: r"app.example.com {
	reverse_proxy 127.0.0.1:3000
}
",
    fix: Safety::Unsafe,
    adopts: &[Code("directive/unknown")],
    ..Rule::NEW
};
