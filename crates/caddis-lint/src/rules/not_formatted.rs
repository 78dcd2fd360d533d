//! `not-formatted`: a file is not formatted.

use caddis_source::Code;
use caddis_source::{Fix, Span};

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

pub(super) const RULE: Rule = Rule {
    code: Code("STY001"),
    name: "not-formatted",
    level: Level::Style,
    phase: Phase::Text,
    summary: "A file is not formatted.",
    why: "White space in one order makes differences between versions small. `caddis fmt` puts it in order.",
    bad: r"app.example.com {
  reverse_proxy   127.0.0.1:3000
}
",
    bad_line: 2,
    good: r"app.example.com {
	reverse_proxy 127.0.0.1:3000
}
",
    fix: Safety::Safe,
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let file = check.cx.main;
    let text = check.cx.sources.text(file);
    let formatted = caddis_syntax::format(text);
    if text.replace("\r\n", "\n") == formatted {
        return;
    }
    let same = text
        .lines()
        .zip(formatted.lines())
        .take_while(|(a, b)| a == b)
        .count();
    let starts = text.split_inclusive('\n').map(str::len);
    let start: usize = starts.take(same).sum();
    let line = text.get(start..).unwrap_or("").lines().next().unwrap_or("");
    let start = start.min(text.len());
    let finding = check
        .at(
            Span::new(file, start, start + line.len()),
            "the file is not formatted",
        )
        .label("the first line that is not")
        .help("`caddis fmt --overwrite` puts it in order");
    let whole = Span::new(file, 0, text.len());
    check.report(finding.fix(
        Safety::Safe,
        Fix::replace("format the file", whole, formatted),
    ));
}
