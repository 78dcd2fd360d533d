//! `undefined-matcher`: a matcher is used that is not defined.
use caddis_source::Code;

use crate::rule::{Level, Phase, Rule, Safety};

pub(super) const RULE: Rule = Rule {
    code: Code("COR003"),
    name: "undefined-matcher",
    level: Level::Error,
    phase: Phase::Tree,
    summary: "A matcher is used that is not defined.",
    why: "The config cannot be loaded, and the matcher that was meant is often one letter away.",
    bad: r"app.example.com {
	@authorised remote_ip 10.0.0.0/8
	handle @authorized {
		reverse_proxy 127.0.0.1:3000
	}
	handle {
		respond 401
	}
}
",
    bad_line: 3,
    good: r"app.example.com {
	@authorized remote_ip 10.0.0.0/8
	handle @authorized {
		reverse_proxy 127.0.0.1:3000
	}
	handle {
		respond 401
	}
}
",
    fix: Safety::Unsafe,
    adopts: &[Code("matcher/undefined")],
    ..Rule::NEW
};
