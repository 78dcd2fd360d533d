//! `redundant-wildcard-matcher`: a matcher that matches everything.

use caddis_source::Code;
use caddis_source::{Fix, Span};

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

/// Directives of which `*` is good style, or needed.
const LEFT: [&str; 3] = ["root", "rewrite", "redir"];

pub(super) const RULE: Rule = Rule {
    code: Code("STY002"),
    name: "redundant-wildcard-matcher",
    level: Level::Style,
    enabled: false,
    phase: Phase::Tree,
    summary: "A matcher that matches everything.",
    why: "`*` and `/*` are what goes without saying.",
    bad: r"app.example.com {
	handle /* {
		reverse_proxy 127.0.0.1:3000
	}
}
",
    bad_line: 2,
    good: r"app.example.com {
	handle {
		reverse_proxy 127.0.0.1:3000
	}
}
",
    fix: Safety::Unsafe,
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for line in check
        .lines()
        .iter()
        .filter(|one| one.is_directive() && !LEFT.contains(&one.name()))
    {
        let Some(word) = line
            .matcher()
            .filter(|word| matches!(word.text(), "*" | "/*"))
        else {
            continue;
        };
        // Without it the next word would be read as the matcher.
        let is_needed = line
            .arguments()
            .first()
            .is_some_and(|next| next.text().starts_with(['/', '@', '*']));
        if line.name() != "handle_path" && !is_needed {
            let finding = check
                .at(
                    word.span(),
                    format!("`{}` goes without saying", word.text()),
                )
                .help("leave it out");
            let span = Span {
                start: line.line.name().span().end,
                ..word.span()
            };
            found.push(finding.fix(Safety::Unsafe, Fix::replace("leave it out", span, "")));
        }
    }
    check.report_all(found);
}
