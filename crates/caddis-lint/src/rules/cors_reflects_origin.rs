//! `cors-reflects-origin`: every origin that asks is allowed.

use caddis_source::Code;
use caddis_syntax::Token;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::lines::Placed;

pub(super) const RULE: Rule = Rule {
    code: Code("SEC025"),
    name: "cors-reflects-origin",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "Every origin that asks is allowed.",
    why: "Sending back the `Origin` of the request allows every page on the web, with credentials if they are allowed too.",
    bad: r"ollama.example.com {
	header Access-Control-Allow-Origin {header.Origin}
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 2,
    good: r"ollama.example.com {
	@app header Origin https://chat.example.com
	header @app Access-Control-Allow-Origin https://chat.example.com
	reverse_proxy 127.0.0.1:11434
}
",
    cwe: Some(942),
    risk: Some("6.1"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for (line, words) in fields(check) {
        let reflects = words.get(1).is_some_and(|value| {
            matches!(
                value.text(),
                "{header.Origin}" | "{http.request.header.Origin}" | "{header.origin}"
            )
        });
        if !is_field(words, "Access-Control-Allow-Origin")
            || !reflects
            || asks_for_origin(check, line)
        {
            continue;
        }
        let finding = check
            .at(line.line.span(), "this allows every origin that asks")
            .label("sends back what was asked for")
            .help("allow the origins that are meant: `@app header Origin https://app.example.com`");
        found.push(finding);
    }
    check.report_all(found);
}

/// True if a matcher on the way looks at the origin.
fn asks_for_origin(check: &Check<'_>, line: &Placed<'_>) -> bool {
    let lines = line.around.iter().copied().chain([line.line]);
    let names: Vec<&str> = lines
        .filter_map(|line| line.arguments().first())
        .map(Token::text)
        .collect();
    let mut definitions = check
        .definitions()
        .iter()
        .filter(|one| Some(one.site) == line.site() && names.contains(&one.name.text()));
    definitions.any(|one| {
        one.terms.iter().any(|term| {
            term.words
                .iter()
                .any(|word| word.text().to_ascii_lowercase().contains("origin"))
        })
    })
}

/// The fields that `header` lines of sites set, with the matcher, the value and the place.
fn fields<'c>(check: &Check<'c>) -> Vec<(&'c Placed<'c>, &'c [Token])> {
    let inline = check.directives("header").map(|one| (one, one.arguments()));
    let below = check
        .lines()
        .iter()
        .filter(|one| one.parent() == "header")
        .map(|one| (one, one.line.words.as_slice()));
    inline
        .chain(below)
        .filter(|(_, words)| words.len() > 1)
        .collect()
}

fn is_field(words: &[Token], name: &str) -> bool {
    words.first().is_some_and(|word| {
        word.text()
            .trim_start_matches(['+', '?', '>'])
            .eq_ignore_ascii_case(name)
    })
}
