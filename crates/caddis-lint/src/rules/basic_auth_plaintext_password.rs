//! `basic-auth-plaintext-password`: a password stands where the hash of one belongs.

use caddis_source::Code;

use crate::rule::{Level, Phase, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code("SEC002"),
    name: "basic-auth-plaintext-password",
    level: Level::Error,
    phase: Phase::Tree,
    summary: "A password stands where the hash of one belongs.",
    why: "What does not begin with `$` is read as base 64. A word that happens to be base 64 is loaded without complaint: the password can be read by everybody, and nobody can log in.",
    bad: r"ollama.example.com {
	basic_auth {
		alice password
	}
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 3,
    good: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    cwe: Some(256),
    risk: Some("8.5"),
    adopts: &[Code("basic_auth/not-a-hash")],
    ..Rule::NEW
};
