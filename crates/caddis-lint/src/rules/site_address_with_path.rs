//! `site-address-with-path`: the address of a site has a path.
use caddis_source::Code;

use crate::rule::{Level, Phase, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code("DEP003"),
    name: "site-address-with-path",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "The address of a site has a path.",
    why: "A path says which requests a site takes, and `handle` says that better. Caddy warns of it at each start.",
    bad: r"app.example.com/api/* {
	reverse_proxy 127.0.0.1:3000
}
",
    bad_line: 1,
    good: r"app.example.com {
	handle /api/* {
		reverse_proxy 127.0.0.1:3000
	}
	handle {
		respond 404
	}
}
",
    adopts: &[Code("site/path")],
    ..Rule::NEW
};
