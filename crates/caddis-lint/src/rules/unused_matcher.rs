//! `unused-matcher`: a named matcher that nothing uses.

use caddis_source::Code;
use caddis_source::{Fix, Span};

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

use crate::lines::Definition;
use crate::routes::is_credential_field;

pub(super) const RULE: Rule = Rule {
    code: Code("COR004"),
    name: "unused-matcher",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "A named matcher that nothing uses.",
    why: "It looks like protection or routing, and does nothing. Often it is what is left of a gate that was meant to be there.",
    bad: r#"app.example.com {
	@unauthorized not header Authorization "Bearer {env.APP_TOKEN}"
	reverse_proxy 127.0.0.1:3000
}
"#,
    bad_line: 2,
    good: r#"app.example.com {
	@unauthorized not header Authorization "Bearer {env.APP_TOKEN}"
	handle @unauthorized {
		respond 401
	}
	handle {
		reverse_proxy 127.0.0.1:3000
	}
}
"#,
    environment: Some(&[("APP_TOKEN", "good-token-0123456789abcdef01234567")]),
    fix: Safety::Unsafe,
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let unused: Vec<&Definition<'_>> = check
        .definitions()
        .iter()
        .filter(|one| !one.is_used)
        .collect();
    for definition in unused {
        let name = definition.name.text();
        let is_gate = definition.terms.iter().any(|term| {
            let field = term.words.first().map_or("", |word| word.text());
            term.kind.starts_with("header") && is_credential_field(field)
        });
        let finding = check
            .at(definition.name.span(), format!("nothing uses `{name}`"))
            .label(if is_gate {
                "asks for credentials, and nobody listens"
            } else {
                "has no effect"
            })
            .level(if is_gate {
                Level::Error
            } else {
                Level::Warning
            })
            .help(format!(
                "write `{name}` behind the name of a directive, or take the matcher away"
            ));
        let end = definition
            .line
            .block
            .as_ref()
            .map_or(definition.line.span().end, |block| block.close.end);
        let span = whole_lines(
            check,
            Span {
                end,
                ..definition.name.span()
            },
        );
        check.report(finding.fix(Safety::Unsafe, Fix::replace("remove the matcher", span, "")));
    }
}

/// With the white space before it and the line end behind it.
fn whole_lines(check: &Check<'_>, span: Span) -> Span {
    let text = check.cx.sources.text(span.file);
    let before = text.get(..span.range().start).unwrap_or("");
    let blank = before.len() - before.trim_end_matches([' ', '\t']).len();
    let behind = text.get(span.range().end..).unwrap_or("");
    let more = usize::from(behind.starts_with('\n'));
    let start = span.range().start - blank;
    Span {
        origin: span.origin,
        ..Span::new(span.file, start, span.range().end + more)
    }
}
