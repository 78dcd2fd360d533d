//! `unknown-placeholder-in-auth`: a credential is compared with a placeholder that nobody fills.

use caddis_source::Code;
use caddis_source::{Fix, suggest};
use caddis_syntax::Token;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

use crate::finding::Finding;
use crate::gaps;
use crate::lines::{Definition, Term};
use crate::routes::{Request, Secrets, placeholder_names, unset};

/// What placeholders begin with, for "did you mean".
const NAMESPACES: [&str; 7] = ["env", "file", "header", "http", "query", "vars", "system"];

pub(super) const RULE: Rule = Rule {
    code: Code("SEC034"),
    name: "unknown-placeholder-in-auth",
    level: Level::Error,
    phase: Phase::Routes,
    summary: "A credential is compared with a placeholder that nobody fills.",
    why: "What is not known, or misspelt, is the empty text. Who has the right key is turned away, and who sends an empty one is let in, so that it looks as if the clients were wrong.",
    bad: r"ollama.example.com {
	@authorized header X-Api-Key {envs.OLLAMA_TOKEN}
	handle @authorized {
		reverse_proxy 127.0.0.1:11434
	}
	handle {
		respond 401
	}
}
",
    bad_line: 2,
    good: r#"ollama.example.com {
	@authorized {
		header X-Api-Key {env.OLLAMA_TOKEN}
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
    environment: Some(&[("OLLAMA_TOKEN", "good-token-0123456789abcdef01234567")]),
    fix: Safety::Unsafe,
    cwe: Some(636),
    risk: Some("9.1"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for definition in check.definitions().iter().filter(|one| one.is_used) {
        for term in &definition.terms {
            found.extend(unknown(check, definition, term));
        }
    }
    check.report_all(found);
}

fn unknown(check: &Check<'_>, definition: &Definition<'_>, term: &Term<'_>) -> Option<Finding> {
    let word = term.words.last()?;
    let name = placeholder_names(word.text())
        .into_iter()
        .find(|name| unset(name) && !is_short(name))?;
    let empty = |text: &str| text.replace(&format!("{{{name}}}"), "");
    let request = |plain: &Request| match (term.kind, term.words) {
        ("header", [field, value]) => plain.with(field.text(), &empty(value.text())),
        ("query", [pair]) => {
            let (key, value) = pair.text().split_once('=').unwrap_or((pair.text(), ""));
            plain.asking(key, &empty(value))
        }
        _ => plain.clone(),
    };
    let witness = gaps::opened_by(check, definition.site, Secrets::Set, request)?;
    let finding = check
        .at(
            word.span(),
            format!("nobody fills `{{{name}}}`, so everybody gets in with an empty value"),
        )
        .label("always empty")
        .witness(witness);
    Some(match meant(check, word, name) {
        Some((meant, fix)) => finding
            .help(format!("did you mean `{{{meant}}}`?"))
            .fix(Safety::Unsafe, fix),
        None => finding.help("write `{env.NAME}` for a variable, or `{file./path}` for a file"),
    })
}

/// A short placeholder of a Caddyfile is one that is filled.
fn is_short(name: &str) -> bool {
    let mut known = caddis_adapt::placeholders().into_iter();
    known.any(|one| one.short == name || (one.short.ends_with('.') && name.starts_with(one.short)))
}

fn meant(check: &Check<'_>, word: &Token, name: &str) -> Option<(String, Fix)> {
    let (namespace, rest) = name.split_once('.')?;
    let near = suggest(namespace, NAMESPACES)?;
    let meant = format!("{near}.{rest}");
    let written = check.slice(word.span());
    let text = written.replace(&format!("{{{name}}}"), &format!("{{{meant}}}"));
    let fix = Fix::replace(format!("write `{{{meant}}}`"), word.span(), text);
    Some((meant, fix))
}
