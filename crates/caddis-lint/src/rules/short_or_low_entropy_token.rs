//! `short-or-low-entropy-token`: a token is short, or can be guessed.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Choice, Level, Phase, Rule, Value};

use crate::environment::variables;
use crate::finding::Finding;
use crate::lines::Term;
use crate::routes::{is_credential_field, is_credential_key, placeholder_names};
use crate::secrets;

pub(super) const RULE: Rule = Rule {
    code: Code("SEC005"),
    name: "short-or-low-entropy-token",
    level: Level::Warning,
    phase: Phase::Environment,
    summary: "A token is short, or can be guessed.",
    why: "A token is a password that nobody slows down. One with less than a hundred bits of chance, or one that stands in somebody's documentation, can be found by trying.",
    bad: r#"ollama.example.com {
	@authorized header Authorization "Bearer secret123"
	handle @authorized {
		reverse_proxy 127.0.0.1:11434
	}
	handle {
		respond 401
	}
}
"#,
    bad_line: 2,
    good: r#"ollama.example.com {
	@authorized {
		header Authorization "Bearer {file./run/credentials/caddy.service/ollama_token}"
		not vars {file./run/credentials/caddy.service/ollama_token} ""
	}
	handle @authorized {
		reverse_proxy 127.0.0.1:11434
	}
	handle {
		respond 401
	}
}
"#,
    options: &[
        Choice {
            name: "min_token_length",
            default: Value::Number(32),
            about: "the least letters of a token",
        },
        Choice {
            name: "min_entropy_bits",
            default: Value::Number(100),
            about: "the least chance in a token",
        },
    ],
    cwe: Some(521),
    risk: Some("6.5"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for definition in check.definitions().iter().filter(|one| one.is_used) {
        for term in &definition.terms {
            found.extend(weak(check, term));
        }
    }
    check.report_all(found);
}

fn weak(check: &Check<'_>, term: &Term<'_>) -> Option<Finding> {
    let (value, word) = match (term.kind, term.words) {
        ("header", [field, value]) if is_token_field(field.text()) => (value.text(), value),
        ("query", [pair]) => {
            let (_, value) = pair
                .text()
                .split_once('=')
                .filter(|(key, _)| is_credential_key(key))?;
            (value, pair)
        }
        _ => return None,
    };
    let written = check.slice(word.span());
    let (token, name) = match variable(written, value) {
        Some(name) => (
            check.cx.environment.values.get(&name)?.clone(),
            format!("the value of `{name}`"),
        ),
        None if value.contains(['{', '*']) => return None,
        None => (
            secrets::without_scheme(value).to_owned(),
            "this token".to_owned(),
        ),
    };
    if token.is_empty() {
        return None;
    }
    let (length, bits) = (token.chars().count(), secrets::bits(&token));
    let wanted = usize::try_from(check.number("min_token_length")).unwrap_or(0);
    let about = if let Some(word) = secrets::example_in(&token) {
        format!("{name} has `{word}` in it, as examples have")
    } else if length < wanted {
        format!("{name} has {length} letters, and {wanted} are good")
    } else if i64::from(bits) < check.number("min_entropy_bits") {
        format!("{name} has about {bits} bits of chance")
    } else {
        return None;
    };
    let finding = check.at(word.span(), about).label("can be guessed");
    Some(finding.help("make one by `openssl rand -hex 32`, and keep it out of this file"))
}

fn is_token_field(field: &str) -> bool {
    is_credential_field(field) && !field.eq_ignore_ascii_case("cookie")
}

/// The variable that the value comes from, if it is one.
fn variable(written: &str, value: &str) -> Option<String> {
    if let Some(variable) = variables(written).next() {
        return Some(variable.name.to_owned());
    }
    let name = placeholder_names(value)
        .into_iter()
        .find_map(|name| name.strip_prefix("env."));
    name.map(str::to_owned)
}
