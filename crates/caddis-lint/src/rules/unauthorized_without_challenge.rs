//! `unauthorized-without-challenge`: an answer 401 that does not say how to log in.

use caddis_source::Code;
use caddis_source::{Fix, Span};

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

use crate::models;

pub(super) const RULE: Rule = Rule {
    code: Code("COR024"),
    name: "unauthorized-without-challenge",
    level: Level::Info,
    enabled: false,
    phase: Phase::Tree,
    summary: "An answer 401 that does not say how to log in.",
    why: "With 401 goes a `WWW-Authenticate` field. Some clients do not ask again without it.",
    bad: r"app.example.com {
	respond 401
}
",
    bad_line: 2,
    good: r"app.example.com {
	header WWW-Authenticate Bearer
	respond 401
}
",
    fix: Safety::Safe,
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for line in check
        .lines()
        .iter()
        .filter(|one| one.is_directive() && matches!(one.name(), "respond" | "error"))
    {
        let is_401 = line.arguments().iter().any(|word| word.text() == "401");
        let mut around = check.lines_of(line.site()).iter();
        let is_said = around.any(|one| {
            one.line.words.iter().any(|word| {
                word.text()
                    .to_ascii_lowercase()
                    .contains("www-authenticate")
            })
        });
        if !is_401 || is_said {
            continue;
        }
        let span = line.line.span();
        let finding = check
            .at(span, "this 401 does not say how to log in")
            .help("write `header WWW-Authenticate Bearer` beside it");
        let Some(indent) = models::indent(check, span) else {
            continue;
        };
        let head = Span {
            end: span.start,
            ..span
        };
        let matcher = line
            .matcher()
            .map(|word| format!("{} ", word.text()))
            .unwrap_or_default();
        let text = format!("header {matcher}WWW-Authenticate Bearer\n{indent}");
        found.push(finding.fix(Safety::Safe, Fix::replace("say how to log in", head, text)));
    }
    check.report_all(found);
}
