//! `weak-password-hash`: the hash of a password is cheap to try passwords against.

use caddis_source::Code;
use caddis_syntax::Token;

use crate::check::Check;
use crate::rule::{Choice, Level, Phase, Rule, Value};

pub(super) const RULE: Rule = Rule {
    code: Code("SEC003"),
    name: "weak-password-hash",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "The hash of a password is cheap to try passwords against.",
    why: "Who gets hold of the hash tries passwords on machines of their own, as fast as the hash allows. A hash that is too dear costs the server the same time for every wrong password that anybody sends.",
    bad: r"ollama.example.com {
	basic_auth {
		alice $2b$04$abcdefghijklmnopqrstuuyvPXIbu7xe6/CED2DzX8z6Si09MlzlW
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
    options: &[
        Choice {
            name: "min_bcrypt_cost",
            default: Value::Number(10),
            about: "the cheapest bcrypt that is good enough",
        },
        Choice {
            name: "max_bcrypt_cost",
            default: Value::Number(15),
            about: "the dearest bcrypt that a server should compute",
        },
        Choice {
            name: "argon2id_min_memory_kib",
            default: Value::Number(19456),
            about: "the least memory of argon2id",
        },
    ],
    cwe: Some(916),
    risk: Some("5.3"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let (least, most) = (
        check.number("min_bcrypt_cost"),
        check.number("max_bcrypt_cost"),
    );
    let memory = check.number("argon2id_min_memory_kib");
    for (_, value) in accounts(check) {
        let about = match value.text() {
            hash if hash.starts_with("$2") => match cost(hash) {
                Some(cost) if cost < least => {
                    format!("bcrypt of cost {cost} is cheap to try passwords against")
                }
                Some(cost) if cost > most => {
                    format!("bcrypt of cost {cost} keeps the server busy with every wrong password")
                }
                Some(_) | None => continue,
            },
            hash if hash.starts_with("$argon2id$") => match parameter(hash, "m=") {
                Some(used) if used < memory => {
                    format!("argon2id with {used} KiB is cheap to try passwords against")
                }
                Some(_) | None => continue,
            },
            _ => continue,
        };
        let finding = check
            .at(value.span(), about)
            .help("hash it anew: `caddis hash-password`");
        check.report(finding);
    }
}

fn cost(hash: &str) -> Option<i64> {
    hash.split('$').nth(2)?.parse().ok()
}

fn parameter(hash: &str, name: &str) -> Option<i64> {
    let parameters = hash.split('$').nth(3)?;
    let value = parameters
        .split(',')
        .find_map(|one| one.strip_prefix(name))?;
    value.parse().ok()
}

/// The accounts of all logins: name, value, and the line.
fn accounts<'c>(check: &Check<'c>) -> Vec<(&'c Token, &'c Token)> {
    let lines = check
        .lines()
        .iter()
        .filter(|one| matches!(one.parent(), "basic_auth" | "basicauth"));
    let pairs = lines.filter_map(|one| match one.line.words.as_slice() {
        [name, value, ..] => Some((name, value)),
        _ => None,
    });
    pairs.collect()
}
