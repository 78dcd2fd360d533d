//! `remote-ip-forwarded`: `remote_ip` does not take `forwarded` any more.
use caddis_source::Code;

use crate::rule::{Level, Phase, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code("DEP004"),
    name: "remote-ip-forwarded",
    level: Level::Error,
    phase: Phase::Tree,
    summary: "`remote_ip` does not take `forwarded` any more.",
    why: "It believed what every client said of itself. `client_ip` believes the proxies that are trusted.",
    bad: r"app.example.com {
	@lan remote_ip forwarded 10.0.0.0/8
	handle @lan {
		reverse_proxy 127.0.0.1:3000
	}
	handle {
		respond 403
	}
}
",
    bad_line: 2,
    good: r"app.example.com {
	@lan client_ip 10.0.0.0/8
	handle @lan {
		reverse_proxy 127.0.0.1:3000
	}
	handle {
		respond 403
	}
}
",
    cwe: Some(290),
    risk: Some("8.6"),
    adopts: &[Code("remote_ip/forwarded")],
    ..Rule::NEW
};
