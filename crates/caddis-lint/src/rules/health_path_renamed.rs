//! `health-path-renamed`: `health_path` is called `health_uri` today.
use caddis_source::Code;

use crate::rule::{Level, Phase, Rule, Safety};

pub(super) const RULE: Rule = Rule {
    code: Code("DEP005"),
    name: "health-path-renamed",
    level: Level::Info,
    phase: Phase::Tree,
    summary: "`health_path` is called `health_uri` today.",
    why: "The old name is still read, and will be gone one day.",
    bad: r"app.example.com {
	reverse_proxy 127.0.0.1:3000 {
		health_path /api/version
	}
}
",
    bad_line: 3,
    good: r"app.example.com {
	reverse_proxy 127.0.0.1:3000 {
		health_uri /api/version
	}
}
",
    fix: Safety::Safe,
    adopts: &[Code("reverse_proxy/old-name")],
    adopts_if: |written| written == "health_path",
    ..Rule::NEW
};
