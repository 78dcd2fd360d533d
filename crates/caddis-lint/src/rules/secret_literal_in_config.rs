//! `secret-literal-in-config`: a secret stands in the config itself.

use caddis_source::Code;
use caddis_source::{Fix, Span};
use caddis_syntax::Token;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

use crate::finding::Finding;
use crate::routes::{is_credential_field, is_credential_key};
use crate::secrets;

/// Shorter words are names and not secrets.
const MIN_LENGTH: usize = 8;
/// Fewer bits of chance are words of a language.
const MIN_BITS: u32 = 24;

pub(super) const RULE: Rule = Rule {
    code: Code("SEC004"),
    name: "secret-literal-in-config",
    level: Level::Error,
    phase: Phase::Tree,
    summary: "A secret stands in the config itself.",
    why: "A config is committed, copied into images and backups, kept in the autosave file and shown by `GET /config/` of the admin endpoint. A secret in it is known to everybody who ever saw one of those.",
    bad: r#"ollama.example.com {
	@authorized header Authorization "Bearer 5f2c7b1e9d0a4c6f8e3b2a1d7c9f0e4b"
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
		header Authorization "Bearer {env.OLLAMA_TOKEN}"
		expression `{env.OLLAMA_TOKEN} != ""`
	}
	handle @authorized {
		reverse_proxy 127.0.0.1:11434
	}
	handle {
		respond 401
	}
}
"#,
    fix: Safety::Unsafe,
    cwe: Some(798),
    risk: Some("7.5"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for definition in check.definitions() {
        for term in &definition.terms {
            if let Some((field, value)) = compared(term.kind, term.words) {
                found.extend(literal(check, field, value));
            }
        }
    }
    for line in check.options("header_up") {
        if let [field, value] = line.line.arguments()
            && is_credential_field(field.text().trim_start_matches('+'))
        {
            found.extend(literal(check, field.text(), value));
        }
    }
    check.report_all(found);
}

/// The field or parameter that a term compares, and the value that it must have.
fn compared<'t>(kind: &str, words: &'t [Token]) -> Option<(&'t str, &'t Token)> {
    match (kind, words) {
        ("header", [field, value]) => {
            is_credential_field(field.text()).then_some((field.text(), value))
        }
        ("header_regexp", [field, value] | [_, field, value]) => {
            let is_one =
                is_credential_field(field.text()) && !field.text().eq_ignore_ascii_case("cookie");
            is_one.then_some((field.text(), value))
        }
        ("query", [pair]) => {
            let (key, _) = pair.text().split_once('=')?;
            is_credential_key(key).then_some((key, pair))
        }
        _ => None,
    }
}

fn literal(check: &Check<'_>, field: &str, word: &Token) -> Option<Finding> {
    let text = word.text();
    let value = text
        .split_once('=')
        .filter(|(key, _)| *key == field)
        .map_or(text, |(_, value)| value);
    let secret = secrets::without_scheme(value);
    let is_written = !check.slice(word.span()).contains('{') && !secret.contains(['{', '*']);
    let is_long =
        secret.len() >= MIN_LENGTH && !secret.contains([' ', '/', '=', ';', '(', '|', '\\']);
    let is_one =
        is_written && is_long && (secrets::is_known(secret) || secrets::bits(secret) >= MIN_BITS);
    if !is_one {
        return None;
    }
    let variable = if field.eq_ignore_ascii_case("authorization") {
        "API_TOKEN".into()
    } else {
        name_of(field)
    };
    let finding = check
        .at(word.span(), format!("the secret for `{field}` stands in the config"))
        .label("whoever reads this file has it")
        .help(format!("write `{{env.{variable}}}` in its place, and take the value from the environment or a credential file"));
    let inner = check.slice(word.span()).find(secret)?;
    let start = usize::try_from(word.span().start).ok()? + inner;
    let span = Span::new(word.span().file, start, start + secret.len());
    let title = format!("write `{{env.{variable}}}`");
    Some(finding.fix(
        Safety::Unsafe,
        Fix::replace(title, span, format!("{{env.{variable}}}")),
    ))
}

fn name_of(field: &str) -> String {
    let letters = field.chars().map(|c| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    });
    letters.collect::<String>().trim_matches('_').to_owned()
}
