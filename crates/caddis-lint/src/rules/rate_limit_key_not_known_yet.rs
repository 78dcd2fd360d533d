//! `rate-limit-key-not-known-yet`: a limit counts by something that is not known yet.

use std::collections::HashSet;

use caddis_ir::Handler;
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code("OLL017"),
    name: "rate-limit-key-not-known-yet",
    level: Level::Warning,
    phase: Phase::Routes,
    summary: "A limit counts by something that is not known yet.",
    why: "Where directives are sorted, `rate_limit` comes before `basic_auth`. The name of the user is empty then, and all users share one limit.",
    bad: r"ollama.example.com {
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
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let graph = check.graph();
    let mut said = HashSet::new();
    for (at, entry) in graph.entries.iter().enumerate() {
        let Some(trial) = graph.trials(at).first() else {
            continue;
        };
        for run in graph.run_known(entry, &trial.request) {
            for (number, handler) in run.passed.iter().enumerate() {
                let Handler::RateLimit(limit) = handler else {
                    continue;
                };
                let counts_users = limit
                    .rate_limits
                    .values()
                    .any(|zone| zone.key.contains("http.auth."));
                let mut before = run.passed.iter().take(number);
                let is_known = before.any(|handler| matches!(handler, Handler::Authentication(_)));
                let later = run
                    .passed
                    .iter()
                    .skip(number)
                    .any(|handler| matches!(handler, Handler::Authentication(_)));
                let span = graph
                    .spot_of(entry, handler)
                    .and_then(|spot| graph.span(entry.name, &spot));
                let Some(span) =
                    span.filter(|span| counts_users && !is_known && said.insert(*span))
                else {
                    continue;
                };
                let finding = check
                    .at(span, "the user is not known yet where this limit counts")
                    .label(if later {
                        "runs before the login"
                    } else {
                        "no login on the way"
                    })
                    .help("write the login and the limit into a `route`, in this order");
                check.report(finding);
            }
        }
    }
}
