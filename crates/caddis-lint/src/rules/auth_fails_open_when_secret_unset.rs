//! `auth-fails-open-when-secret-unset`: a comparison with a secret holds when the secret is empty.

use caddis_source::Code;
use caddis_source::{Fix, Span};

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

use crate::environment::variables;
use crate::finding::Finding;
use crate::gaps;
use crate::lines::{Definition, Term};
use crate::routes::{Request, Secrets, placeholder_names};

pub(super) const RULE: Rule = Rule {
    code: Code("SEC006"),
    name: "auth-fails-open-when-secret-unset",
    level: Level::Error,
    phase: Phase::Routes,
    summary: "A comparison with a secret holds when the secret is empty.",
    why: "A variable that is not set and a file that is not there are the empty text. The comparison then asks for `Bearer ` and nothing behind it, for an empty `X-Api-Key` or for `?api-key=`, and everybody can send that.",
    bad: r"ollama.example.com {
	@authorized header X-Api-Key {env.OLLAMA_TOKEN}
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
    fix: Safety::Safe,
    cwe: Some(636),
    risk: Some("9.1"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for definition in check.definitions().iter().filter(|one| one.is_used) {
        for term in &definition.terms {
            found.extend(open(check, definition, term));
        }
    }
    check.report_all(found);
}

fn open(check: &Check<'_>, definition: &Definition<'_>, term: &Term<'_>) -> Option<Finding> {
    let (name, request) = empty(term)?;
    let secret = secret_of(check, term)?;
    if is_guarded(definition, &secret.name) {
        return None;
    }
    let witness = gaps::opened_by(check, definition.site, Secrets::Unset, |plain| {
        request.of(plain)
    })?;
    // Only HTTP/2 keeps the blank at the end of a value.
    let level = if secret.is_unset || request.is_whole {
        Level::Error
    } else {
        Level::Warning
    };
    let finding = check
        .at(
            term.span,
            format!(
                "`{name}` lets everybody in while `{}` is empty",
                secret.written
            ),
        )
        .label("an empty value is as good as the secret then")
        .level(level)
        .witness(witness)
        .help(format!(
            "ask in the same matcher that it is not empty: `{}`",
            secret.guard()
        ));
    Some(match with_guard(check, definition, term, &secret) {
        Some(fix) => finding.fix(Safety::Safe, fix),
        None => finding,
    })
}

/// What somebody sends who knows that the secret is empty.
struct Empty {
    field: String,
    value: String,
    is_query: bool,
    /// True if nothing is asked for besides the secret.
    is_whole: bool,
}

impl Empty {
    fn of(&self, plain: &Request) -> Request {
        if self.is_query {
            plain.asking(&self.field, &self.value)
        } else {
            plain.with(&self.field, &self.value)
        }
    }
}

fn empty(term: &Term<'_>) -> Option<(String, Empty)> {
    let (field, value, is_query) = match (term.kind, term.words) {
        ("header", [field, value]) => (field.text(), value.text(), false),
        ("query", [pair]) => {
            let (key, value) = pair.text().split_once('=')?;
            (key, value, true)
        }
        _ => return None,
    };
    let mut rest = value.to_owned();
    for name in placeholder_names(value) {
        rest = rest.replace(&format!("{{{name}}}"), "");
    }
    if rest.contains('*') {
        return None;
    }
    let empty = Empty {
        field: field.into(),
        is_whole: rest.is_empty(),
        value: rest,
        is_query,
    };
    Some((field.into(), empty))
}

/// The secret that a term compares with.
struct Secret {
    /// `env.NAME`, `file./path`.
    name: String,
    /// As it stands in the text.
    written: String,
    /// The lint was told that it is not set.
    is_unset: bool,
}

impl Secret {
    fn guard(&self) -> String {
        if self.name.starts_with("file.") {
            format!("not vars {} \"\"", self.written)
        } else if self.written.starts_with("{$") {
            format!("expression `\"{}\" != \"\"`", self.written)
        } else {
            format!("expression `{} != \"\"`", self.written)
        }
    }
}

fn secret_of(check: &Check<'_>, term: &Term<'_>) -> Option<Secret> {
    let word = term.words.last()?;
    let text = check.slice(word.span());
    if let Some(variable) = variables(text).next() {
        let known = check.cx.environment.values.get(variable.name);
        let is_set = known.is_some_and(|value| !value.is_empty());
        let has_default = variable.default.is_some_and(|default| !default.is_empty());
        let written = text.get(variable.start..variable.end)?.to_owned();
        return (!is_set && !has_default).then(|| Secret {
            name: format!("env.{}", variable.name),
            written,
            is_unset: check.cx.environment.knows(variable.name) || check.cx.environment.is_given,
        });
    }
    let name = placeholder_names(word.text())
        .into_iter()
        .find(|name| name.starts_with("env.") || name.starts_with("file."))?;
    let variable = name.strip_prefix("env.");
    let known = variable.and_then(|variable| check.cx.environment.values.get(variable));
    let is_set = known.is_some_and(|value| !value.is_empty());
    (!is_set).then(|| Secret {
        name: name.into(),
        written: format!("{{{name}}}"),
        is_unset: variable.is_some()
            && (check.cx.environment.is_given || check.cx.environment.is_strict),
    })
}

/// True if the matcher asks that the secret is not empty.
fn is_guarded(definition: &Definition<'_>, name: &str) -> bool {
    definition.terms.iter().any(|term| {
        let names = term.words.iter().any(|word| word.text().contains(name));
        let is_guard = match term.kind {
            "expression" => term.words.iter().any(|word| word.text().contains("!=")),
            "vars" => term.words.last().is_some_and(|word| word.text().is_empty()),
            _ => false,
        };
        names && is_guard
    })
}

/// The definition with the guard beside the term.
fn with_guard(
    check: &Check<'_>,
    definition: &Definition<'_>,
    term: &Term<'_>,
    secret: &Secret,
) -> Option<Fix> {
    let title = "ask that the secret is not empty";
    let guard = secret.guard();
    let line = definition.line;
    let indent = indent(check, definition.name.span())?;
    if line.block.is_some() {
        if term.is_negated {
            return None;
        }
        let within = self::indent(check, term.span)?;
        let end = Span {
            start: term.span.end,
            ..term.span
        };
        return Some(Fix::replace(title, end, format!("\n{within}{guard}")));
    }
    let rest = check.slice(term.span);
    let name = definition.name.text();
    let text = if term.is_negated {
        format!(
            "{name} {{\n{indent}\tnot {{\n{indent}\t\t{rest}\n{indent}\t\t{guard}\n{indent}\t}}\n{indent}}}"
        )
    } else {
        format!("{name} {{\n{indent}\t{rest}\n{indent}\t{guard}\n{indent}}}")
    };
    Some(Fix::replace(title, line.span(), text))
}

/// The white space before a place on its line.
fn indent(check: &Check<'_>, span: Span) -> Option<String> {
    let text = check.cx.sources.text(span.file).get(..span.range().start)?;
    let line = text.rsplit('\n').next()?;
    let end = line
        .find(|c: char| !c.is_whitespace())
        .unwrap_or(line.len());
    line.get(..end).map(str::to_owned)
}
