//! `deprecated-skip-log`: `skip_log` is called `log_skip` today.
use caddis_source::Code;

use crate::rule::{Level, Phase, Rule, Safety};

pub(super) const RULE: Rule = Rule {
    code: Code("DEP002"),
    name: "deprecated-skip-log",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "`skip_log` is called `log_skip` today.",
    why: "The old name is still read, with a warning in the log at each start, and will be gone one day.",
    bad: r#"app.example.com {
	log
	skip_log /health
	respond "ok"
}
"#,
    bad_line: 3,
    good: r#"app.example.com {
	log
	log_skip /health
	respond "ok"
}
"#,
    fix: Safety::Safe,
    adopts: &[Code("directive/old-name")],
    adopts_if: |written| written == "skip_log",
    ..Rule::NEW
};
