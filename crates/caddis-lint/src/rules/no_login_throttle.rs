//! `no-login-throttle`: nothing slows down who guesses passwords.

use std::collections::HashSet;

use caddis_ir::Handler;
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::gaps;
use crate::routes::End;

pub(super) const RULE: Rule = Rule {
    code: Code("SEC031"),
    name: "no-login-throttle",
    level: Level::Info,
    phase: Phase::Routes,
    summary: "Nothing slows down who guesses passwords.",
    why: "A login with `basic_auth` can be tried as often as the line allows, and every try costs the server the time of a hash.",
    bad: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 2,
    good: r"ollama.example.com {
	rate_limit {
		zone logins {
			key {client_ip}
			events 30
			window 1m
		}
	}
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    cwe: Some(307),
    risk: Some("4.3"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let graph = check.graph();
    let mut said = HashSet::new();
    for (at, entry) in graph
        .entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| !entry.is_local)
    {
        for run in graph.trials(at).iter().flat_map(|trial| &trial.runs) {
            let End::Refused { spot } = &run.end else {
                continue;
            };
            let is_login = matches!(
                gaps::handler_at(entry, spot),
                Some(Handler::Authentication(_))
            );
            let is_slowed = run
                .passed
                .iter()
                .any(|handler| matches!(handler, Handler::RateLimit(_)));
            let Some(span) = graph
                .span(entry.name, spot)
                .filter(|_| is_login && !is_slowed)
            else {
                continue;
            };
            if said.insert(span) {
                let finding = check
                    .at(span, "passwords can be tried as often as the line allows")
                    .help("put a limit before it: `rate_limit { zone logins { key {client_ip} events 30 window 1m } }`");
                check.report(finding);
            }
        }
    }
}
