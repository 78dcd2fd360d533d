//! `unknown-subdirective`: an option that a directive does not have.
use caddis_source::Code;

use crate::rule::{Level, Phase, Rule, Safety};

pub(super) const RULE: Rule = Rule {
    code: Code("COR002"),
    name: "unknown-subdirective",
    level: Level::Error,
    phase: Phase::Tree,
    summary: "An option that a directive does not have.",
    why: "A misspelt option stops the whole config from being loaded.",
    bad: r"app.example.com {
	reverse_proxy 127.0.0.1:3000 {
		flush_intervall -1
	}
}
",
    bad_line: 3,
    good: r"app.example.com {
	reverse_proxy 127.0.0.1:3000 {
		flush_interval -1
	}
}
",
    fix: Safety::Unsafe,
    adopts: &[Code("args/unknown-option")],
    ..Rule::NEW
};
