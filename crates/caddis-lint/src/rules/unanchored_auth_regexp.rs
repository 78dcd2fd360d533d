//! `unanchored-auth-regexp`: a credential is looked for by an expression that fits other values too.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::finding::Finding;
use crate::gaps;
use crate::lines::{Definition, Term};
use crate::routes::{Secrets, is_credential_field, of_regex};

pub(super) const RULE: Rule = Rule {
    code: Code("SEC016"),
    name: "unanchored-auth-regexp",
    level: Level::Error,
    phase: Phase::Tree,
    summary: "A credential is looked for by an expression that fits other values too.",
    why: "An expression is searched for anywhere in the value unless it begins with `^` and ends with `$`, and a dot in it is any letter. Placeholders are not filled in it at all.",
    bad: r#"ollama.example.com {
	@authorized header_regexp Authorization "Bearer tok.en-1"
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
    cwe: Some(777),
    risk: Some("8.1"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for definition in check.definitions().iter().filter(|one| one.is_used) {
        for term in &definition.terms {
            found.extend(loose(check, definition, term));
        }
    }
    check.report_all(found);
}

fn loose(check: &Check<'_>, definition: &Definition<'_>, term: &Term<'_>) -> Option<Finding> {
    let ("header_regexp", [field, pattern] | [_, field, pattern]) = (term.kind, term.words) else {
        return None;
    };
    let (field, pattern) = (field.text(), pattern.text());
    if !is_credential_field(field) || field.eq_ignore_ascii_case("cookie") {
        return None;
    }
    let is_anchored = pattern.starts_with('^') && pattern.ends_with('$');
    let (about, value) = if !is_anchored {
        (
            "is searched for anywhere in the value",
            format!("x{}y", of_regex(pattern)?),
        )
    } else if has_bare_dot(pattern) {
        ("has a dot that is any letter", of_regex(pattern)?)
    } else {
        return None;
    };
    let witness = gaps::opened_by(check, definition.site, Secrets::Set, |plain| {
        plain.with(field, &value)
    })?;
    let finding = check
        .at(term.span, format!("the expression for `{field}` {about}"))
        .label("fits other values too")
        .witness(witness)
        .help("compare the whole value with `header`, or write `^` and `$` around it and `\\.` for a dot");
    Some(finding)
}

/// A dot between letters, as texts have it and expressions do not.
fn has_bare_dot(pattern: &str) -> bool {
    let bytes = pattern.as_bytes();
    bytes.windows(3).any(|three| {
        three[0].is_ascii_alphanumeric() && three[1] == b'.' && three[2].is_ascii_alphanumeric()
    })
}
