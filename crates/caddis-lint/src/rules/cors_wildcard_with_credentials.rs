//! `cors-wildcard-with-credentials`: every site may read answers, and with credentials.

use caddis_source::Code;
use caddis_syntax::Token;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::lines::Placed;

pub(super) const RULE: Rule = Rule {
    code: Code("SEC024"),
    name: "cors-wildcard-with-credentials",
    level: Level::Error,
    phase: Phase::Routes,
    summary: "Every site may read answers, and with credentials.",
    why: "Browsers refuse a `*` together with credentials. The usual way out is to send back the `Origin` of the request, and then every page on the web acts in the name of whoever visits it.",
    bad: r"ollama.example.com {
	header {
		Access-Control-Allow-Origin *
		Access-Control-Allow-Credentials true
	}
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 3,
    good: r"ollama.example.com {
	@app header Origin https://chat.example.com
	header @app {
		Access-Control-Allow-Origin https://chat.example.com
		Access-Control-Allow-Credentials true
		Vary Origin
	}
	reverse_proxy 127.0.0.1:11434
}
",
    cwe: Some(942),
    risk: Some("6.5"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let fields = fields(check);
    let mut found = Vec::new();
    for (line, words) in &fields {
        let is_any = words.get(1).is_some_and(|value| value.text() == "*");
        if !is_field(words, "Access-Control-Allow-Origin") || !is_any {
            continue;
        }
        let credentials = fields.iter().find(|(other, words)| {
            let is_true = words.get(1).is_some_and(|value| value.text() == "true");
            let same_place = other.site() == line.site()
                && matcher(other) == matcher(line)
                && other.around.len() == line.around.len();
            is_field(words, "Access-Control-Allow-Credentials") && is_true && same_place
        });
        if let Some((_, words)) = credentials {
            let finding = check
                .at(line.line.span(), "every origin is allowed, together with credentials")
                .label("every page on the web")
                .also(words[0].span(), "with credentials")
                .help("name the origin: `@app header Origin https://app.example.com`, and `header @app …`");
            found.push(finding);
        }
    }
    check.report_all(found);
}

fn matcher<'c>(line: &Placed<'c>) -> &'c str {
    let of = |line: &'c caddis_syntax::Line| {
        line.arguments()
            .first()
            .map(Token::text)
            .filter(|text| text.starts_with(['@', '/']))
    };
    let own = of(line.line);
    let around = line
        .around
        .last()
        .copied()
        .filter(|line| line.name().text() == "header")
        .and_then(of);
    own.or(around).unwrap_or("")
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
