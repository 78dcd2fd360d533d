//! `lint-comment-problem`: a comment for the lint names no rule, turns off nothing, or gives no reason.
use caddis_source::Code;

use crate::rule::{Choice, Level, Phase, Rule, Safety, Value};

pub(super) const RULE: Rule = Rule {
    code: Code("STY003"),
    name: "lint-comment-problem",
    level: Level::Warning,
    phase: Phase::Text,
    summary: "A comment for the lint names no rule, turns off nothing, or gives no reason.",
    why: "Exceptions should be few, and each should have somebody who knows why. What no longer turns anything off hides the next finding.",
    bad: r#"app.example.com {
	# caddis-lint: ignore=SEC999
	respond "ok"
}
"#,
    bad_line: 2,
    good: r"app.example.com {
	# caddis-lint: ignore=COR024 -- challenge is added by the edge proxy
	respond 401
}
",
    options: &[Choice {
        name: "require_reason",
        default: Value::Flag(false),
        about: "ask every comment for a reason",
    }],
    fix: Safety::Safe,
    ..Rule::NEW
};
