//! `prefix-stripped-twice`: a prefix is taken away twice.

use caddis_source::Code;
use caddis_source::{Fix, Span};

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

pub(super) const RULE: Rule = Rule {
    code: Code("COR018"),
    name: "prefix-stripped-twice",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "A prefix is taken away twice.",
    why: "`handle_path` has taken the prefix away already. The second time nothing happens, or a part of the path goes that was meant to stay.",
    bad: r"app.example.com {
	handle_path /app/* {
		uri strip_prefix /app
		reverse_proxy 127.0.0.1:3000
	}
}
",
    bad_line: 3,
    good: r"app.example.com {
	handle_path /app/* {
		reverse_proxy 127.0.0.1:3000
	}
}
",
    fix: Safety::Safe,
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for line in check.directives("uri") {
        let [kind, prefix] = line.arguments() else {
            continue;
        };
        let around = line
            .around
            .last()
            .filter(|around| around.name().text() == "handle_path");
        let taken = around.and_then(|around| around.arguments().first());
        let same = taken.is_some_and(|taken| {
            taken.text().trim_end_matches('*').trim_end_matches('/')
                == prefix.text().trim_end_matches('/')
        });
        if kind.text() == "strip_prefix" && same {
            let finding = check
                .at(
                    line.line.span(),
                    format!("`{}` is taken away already", prefix.text()),
                )
                .label("nothing is left to take away")
                .help("take this line away: `handle_path` does it");
            let fix = Fix::replace("take it away", whole_line(check, line.line.span()), "");
            found.push(finding.fix(Safety::Safe, fix));
        }
    }
    check.report_all(found);
}

/// The line with the white space before it and the line end behind it.
fn whole_line(check: &Check<'_>, span: Span) -> Span {
    let text = check.cx.sources.text(span.file);
    let start = text
        .get(..span.range().start)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |at| at + 1);
    let behind = text
        .get(span.range().end..)
        .and_then(|rest| rest.find('\n'));
    let end = behind.map_or(text.len(), |at| span.range().end + at + 1);
    Span::new(span.file, start, end)
}
