//! `scrypt-hash`: a password is hashed with something that is not read any more.
use caddis_source::Code;

use crate::rule::{Level, Phase, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code("DEP007"),
    name: "scrypt-hash",
    level: Level::Error,
    phase: Phase::Tree,
    summary: "A password is hashed with something that is not read any more.",
    why: "Only bcrypt and argon2id are read; with scrypt the config does not load.",
    bad: r"app.example.com {
	basicauth scrypt {
		alice c29tZWhhc2g= c2FsdA==
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
    cwe: Some(327),
    risk: Some("5.3"),
    adopts: &[Code("basic_auth/unknown-hash")],
    ..Rule::NEW
};
