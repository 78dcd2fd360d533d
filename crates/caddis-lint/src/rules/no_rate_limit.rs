//! `no-rate-limit`: nothing limits how often the model is asked.

use caddis_ir::Handler;
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::models;

pub(super) const RULE: Rule = Rule {
    code: Code("OLL009"),
    name: "no-rate-limit",
    level: Level::Warning,
    phase: Phase::Routes,
    summary: "Nothing limits how often the model is asked.",
    why: "One client can keep every place of the model server busy. caddis has `rate_limit`; Caddy needs a plugin for it.",
    bad: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 5,
    good: r"ollama.example.com {
	route {
		basic_auth {
			alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
		}
		rate_limit {
			zone per_user {
				key {http.auth.user.id}
				events 60
				window 1m
			}
		}
		reverse_proxy 127.0.0.1:11434
	}
}
",
    cwe: Some(770),
    risk: Some("5.3"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let is_limit = |handler: &&Handler| matches!(handler, Handler::RateLimit(_));
    let mut found = Vec::new();
    for way in models::ways_without(check, is_limit) {
        let finding = check
            .at(way.span, "nothing limits how often this model server is asked")
            .label("one client can keep it busy")
            .help("in a `route`, behind the login: `rate_limit { zone per_user { key {http.auth.user.id} events 60 window 1m } }`");
        found.push(finding);
    }
    check.report_all(found);
}
