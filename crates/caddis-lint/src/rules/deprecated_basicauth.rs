//! `deprecated-basicauth`: `basicauth` is called `basic_auth` today.
use caddis_source::Code;

use crate::rule::{Level, Phase, Rule, Safety};

pub(super) const RULE: Rule = Rule {
    code: Code("DEP001"),
    name: "deprecated-basicauth",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "`basicauth` is called `basic_auth` today.",
    why: "The old name is still read, with a warning in the log at each start, and will be gone one day.",
    bad: r"app.example.com {
	basicauth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:3000
}
",
    bad_line: 2,
    good: r"app.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:3000
}
",
    fix: Safety::Safe,
    adopts: &[Code("directive/old-name")],
    adopts_if: |written| written == "basicauth",
    ..Rule::NEW
};
