//! `forwarded-header-as-identity`: who may come in is decided by a header that every client can send.

use caddis_source::Code;
use caddis_source::Fix;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

use crate::finding::Finding;
use crate::gaps;
use crate::lines::{Definition, Term};
use crate::routes::{Secrets, is_forwarded_field, of_regex};

pub(super) const RULE: Rule = Rule {
    code: Code("SEC019"),
    name: "forwarded-header-as-identity",
    level: Level::Error,
    phase: Phase::Routes,
    summary: "Who may come in is decided by a header that every client can send.",
    why: "`X-Forwarded-For` and its kin are what the client says they are, unless a proxy in front of this server writes them. `client_ip` knows which proxies to believe.",
    bad: r"ollama.example.com {
	@lan header X-Forwarded-For 10.*
	handle @lan {
		reverse_proxy 127.0.0.1:11434
	}
	handle {
		respond 403
	}
}
",
    bad_line: 2,
    good: r"ollama.example.com {
	@lan remote_ip 10.0.0.0/8
	handle @lan {
		reverse_proxy 127.0.0.1:11434
	}
	handle {
		respond 403
	}
}
",
    fix: Safety::Unsafe,
    cwe: Some(290),
    risk: Some("8.6"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for definition in check.definitions().iter().filter(|one| one.is_used) {
        for term in &definition.terms {
            found.extend(claimed(check, definition, term));
        }
    }
    check.report_all(found);
}

fn claimed(check: &Check<'_>, definition: &Definition<'_>, term: &Term<'_>) -> Option<Finding> {
    let (field, value) = match (term.kind, term.words) {
        ("header", [field, value]) => (field.text(), value.text().replace('*', "1")),
        ("header_regexp", [field, pattern] | [_, field, pattern]) => {
            (field.text(), of_regex(pattern.text())?)
        }
        _ => return None,
    };
    if !is_forwarded_field(field) {
        return None;
    }
    let witness = gaps::opened_by(check, definition.site, Secrets::Set, |plain| {
        plain.with(field, &value)
    })?;
    let finding = check
        .at(term.span, format!("`{field}` says what the client wants it to say"))
        .label("decides who may come in")
        .witness(witness)
        .help("use `client_ip`, and `trusted_proxies` in the global option `servers` if there is a proxy in front");
    let range = term.words.last().and_then(|word| range(word.text()));
    Some(match range {
        Some(range) if term.kind == "header" => {
            let text = format!("client_ip {range}");
            finding.fix(
                Safety::Unsafe,
                Fix::replace("look at the address itself", term.span, text),
            )
        }
        Some(_) | None => finding,
    })
}

/// `10.0.0.0/8` for `10.*`.
fn range(pattern: &str) -> Option<String> {
    let parts: Vec<&str> = pattern.strip_suffix(".*")?.split('.').collect();
    let is_number = |part: &&str| part.parse::<u8>().is_ok();
    if parts.len() > 3 || !parts.iter().all(is_number) {
        return None;
    }
    let rest = ".0".repeat(4 - parts.len());
    Some(format!("{}{rest}/{}", parts.join("."), 8 * parts.len()))
}
