//! `path-without-slash`: a path pattern that begins with no slash.

use caddis_source::Code;
use caddis_source::{Fix, Span};

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

pub(super) const RULE: Rule = Rule {
    code: Code("COR016"),
    name: "path-without-slash",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "A path pattern that begins with no slash.",
    why: "The path of a request begins with a slash, so that nothing matches.",
    bad: r"app.example.com {
	@api path api/*
	handle @api {
		reverse_proxy 127.0.0.1:3000
	}
	handle {
		respond 404
	}
}
",
    bad_line: 2,
    good: r"app.example.com {
	@api path /api/*
	handle @api {
		reverse_proxy 127.0.0.1:3000
	}
	handle {
		respond 404
	}
}
",
    fix: Safety::Safe,
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for definition in check.definitions() {
        for word in definition
            .terms
            .iter()
            .filter(|term| term.kind == "path")
            .flat_map(|term| term.words)
        {
            if word.text().is_empty() || word.text().starts_with(['/', '*', '{', '%']) {
                continue;
            }
            let finding = check
                .at(word.span(), format!("`{}` matches no path", word.text()))
                .label("paths begin with a slash")
                .help(format!("write `/{}`", word.text()));
            let quote = usize::from(check.slice(word.span()).starts_with(['"', '`']));
            let at = word.span().range().start + quote;
            let fix = Fix::replace(
                "put a slash before it",
                Span::new(word.span().file, at, at),
                "/",
            );
            found.push(finding.fix(Safety::Safe, fix));
        }
    }
    check.report_all(found);
}
