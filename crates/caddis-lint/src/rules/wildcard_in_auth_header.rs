//! `wildcard-in-auth-header`: a credential is compared with a wildcard.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::finding::Finding;
use crate::gaps;
use crate::lines::{Definition, Term};
use crate::routes::{Secrets, is_credential_field, placeholder_names};

pub(super) const RULE: Rule = Rule {
    code: Code("SEC015"),
    name: "wildcard-in-auth-header",
    level: Level::Error,
    phase: Phase::Routes,
    summary: "A credential is compared with a wildcard.",
    why: "A `*` at an end of the value asks only that the header begins, ends or goes on like this. With an empty secret it asks for nothing at all, and a secret that ends in `*` does the same by accident.",
    bad: r"ollama.example.com {
	@authorized header Authorization *{env.OLLAMA_TOKEN}*
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
    cwe: Some(697),
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
    let ("header", [field, value]) = (term.kind, term.words) else {
        return None;
    };
    let text = value.text();
    let is_wild = text.starts_with('*') || text.ends_with('*');
    if !is_wild || !is_credential_field(field.text()) || field.text().eq_ignore_ascii_case("cookie")
    {
        return None;
    }
    // What fits for certain: the text around the stars, with nothing in the place of secrets.
    let mut fitting = text.trim_matches('*').to_owned();
    for name in placeholder_names(text) {
        fitting = fitting.replace(&format!("{{{name}}}"), "");
    }
    let sent = format!("{fitting}x");
    let witness = gaps::opened_by(check, definition.site, Secrets::Unset, |plain| {
        plain.with(field.text(), &sent)
    })?;
    let finding = check
        .at(
            term.span,
            format!("`{}` is compared with a wildcard", field.text()),
        )
        .label("more fits than the secret")
        .witness(witness)
        .help("write the whole value without `*`, and ask that the secret is not empty");
    Some(finding)
}
