//! `trusted-proxies-any`: every client is believed to be a proxy.

use caddis_source::Code;
use caddis_syntax::Token;

use crate::check::Check;
use crate::rule::{Choice, Level, Phase, Rule, Value};

use crate::finding::Finding;

pub(super) const RULE: Rule = Rule {
    code: Code("SEC018"),
    name: "trusted-proxies-any",
    level: Level::Error,
    phase: Phase::Tree,
    summary: "Every client is believed to be a proxy.",
    why: "A trusted proxy says who the client is, in `X-Forwarded-For`. If everybody is trusted, everybody chooses an address: for lists of allowed addresses, for rate limits and for the log.",
    bad: r"{
	servers {
		trusted_proxies static 0.0.0.0/0
	}
}

ollama.example.com {
	@lan client_ip 10.0.0.0/8
	handle @lan {
		reverse_proxy 127.0.0.1:11434
	}
	handle {
		respond 403
	}
}
",
    bad_line: 3,
    good: r"{
	servers {
		trusted_proxies static 192.0.2.10/32
		trusted_proxies_strict
	}
}

ollama.example.com {
	@lan client_ip 10.0.0.0/8
	handle @lan {
		reverse_proxy 127.0.0.1:11434
	}
	handle {
		respond 403
	}
}
",
    options: &[Choice {
        name: "behind_proxy",
        default: Value::Texts(&[]),
        about: "ranges that are meant to be trusted",
    }],
    cwe: Some(348),
    risk: Some("8.6"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let meant = check.texts("behind_proxy");
    let mut found = Vec::new();
    for line in check
        .lines()
        .iter()
        .filter(|one| one.name() == "trusted_proxies")
    {
        let mut ranges = line.line.arguments().iter();
        let wide = ranges
            .find(|word| is_everybody(word.text()) && !meant.iter().any(|one| one == word.text()));
        found.extend(wide.map(|word| everybody(check, word)));
    }
    check.report_all(found);
}

fn is_everybody(range: &str) -> bool {
    matches!(range, "0.0.0.0/0" | "::/0" | "0/0")
}

fn everybody(check: &Check<'_>, word: &Token) -> Finding {
    check
        .at(word.span(), format!("`{}` trusts every client to say who it is", word.text()))
        .label("that is every address")
        .help("write the addresses of the proxies in front of this server, and `trusted_proxies_strict`")
}
