//! `unsupported-by-caddis`: something of Caddy that caddis does not have.
use caddis_source::Code;

use crate::rule::{Level, Phase, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code("CMP001"),
    name: "unsupported-by-caddis",
    level: Level::Error,
    phase: Phase::Tree,
    summary: "Something of Caddy that caddis does not have.",
    why: "A config that Caddy serves with a plugin, or with a part that caddis lacks, does not start here. It is better to know before the servers are changed.",
    bad: r"app.example.com {
	coraza_waf {
		load_owasp_crs
	}
	reverse_proxy 127.0.0.1:3000
}
",
    bad_line: 2,
    good: r"app.example.com {
	reverse_proxy 127.0.0.1:3000
}
",
    adopts: &[
        Code("directive/not-yet"),
        Code("option/not-yet"),
        Code("matcher/not-yet"),
        Code("args/not-yet"),
        Code("directive/of-plugin"),
        Code("option/of-plugin"),
        Code("serve/not-possible"),
    ],
    ..Rule::NEW
};
