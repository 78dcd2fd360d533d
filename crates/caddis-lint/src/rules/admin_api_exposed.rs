//! `admin-api-exposed`: the admin endpoint can be reached from outside.

use caddis_source::Code;
use caddis_source::Fix;
use caddis_syntax::Token;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

use crate::finding::Finding;
use crate::lines::Home;
use crate::routes::is_local_address;

pub(super) const RULE: Rule = Rule {
    code: Code("SEC021"),
    name: "admin-api-exposed",
    level: Level::Error,
    phase: Phase::Tree,
    summary: "The admin endpoint can be reached from outside.",
    why: "The admin endpoint has no password. Whoever reaches it reads the config with all that is secret in it, and replaces it. On an address for all interfaces not even the name that is asked for is checked.",
    bad: r#"{
	admin 0.0.0.0:2019
}

ollama.example.com {
	respond "ok"
}
"#,
    bad_line: 2,
    good: r#"{
	admin unix//run/caddy/admin.sock
}

ollama.example.com {
	respond "ok"
}
"#,
    fix: Safety::Safe,
    cwe: Some(306),
    risk: Some("9.8"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let lines = check.lines().iter();
    let admin = lines
        .filter(|one| one.home == Home::Options && one.around.is_empty() && one.name() == "admin");
    let addresses = admin.filter_map(|line| line.line.arguments().first());
    let open: Vec<&Token> = addresses.filter(|word| is_open(word.text())).collect();
    for word in open {
        let finding = exposed(check, word);
        check.report(finding);
    }
}

fn is_open(address: &str) -> bool {
    address != "off" && !address.contains('{') && !is_local_address(address)
}

fn exposed(check: &Check<'_>, word: &Token) -> Finding {
    check
        .at(
            word.span(),
            format!("the admin endpoint listens on `{}`", word.text()),
        )
        .label("others reach this too")
        .help("write `localhost:2019`, or a Unix socket: `unix//run/caddis/admin.sock`")
        .fix(
            Safety::Safe,
            Fix::replace(
                "listen for this machine only",
                word.span(),
                "localhost:2019",
            ),
        )
}
