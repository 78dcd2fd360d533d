//! `rate-limit-key-shared`: a limit counts many clients as one.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::routes::placeholder_names;

pub(super) const RULE: Rule = Rule {
    code: Code("OLL016"),
    name: "rate-limit-key-shared",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "A limit counts many clients as one.",
    why: "With the same key for all, or with the address of the proxy in front, one busy client locks out everybody.",
    bad: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	rate_limit {
		zone all {
			key static
			events 60
			window 1m
		}
	}
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 7,
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
    let is_behind_proxy = check.options("trusted_proxies").next().is_some();
    for line in check.options("key").filter(|one| one.parent() == "zone") {
        let Some(word) = line.line.arguments().first() else {
            continue;
        };
        let names = placeholder_names(word.text());
        let is_peer = names.iter().any(|name| {
            matches!(
                *name,
                "remote_host" | "remote" | "remote_ip" | "http.request.remote.host"
            )
        });
        let about = if names.is_empty() {
            "every client has this key"
        } else if is_peer && is_behind_proxy {
            "this is the address of the proxy in front, and the same for many clients"
        } else {
            continue;
        };
        let finding = check.at(word.span(), about).help(
            "count clients by `{client_ip}`, or users by `{http.auth.user.id}` behind the login",
        );
        check.report(finding);
    }
}
