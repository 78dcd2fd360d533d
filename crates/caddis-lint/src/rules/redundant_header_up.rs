//! `redundant-header-up`: a header is set to what it is anyway.

use caddis_source::Code;
use caddis_source::{Fix, Span};

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

/// Fields, and what `reverse_proxy` sets them to by itself.
const DEFAULTS: [(&str, &[&str]); 4] = [
    ("host", &["{host}", "{http.request.host}"]),
    (
        "x-forwarded-for",
        &["{remote_host}", "{http.request.remote.host}", "{remote}"],
    ),
    ("x-forwarded-proto", &["{scheme}", "{http.request.scheme}"]),
    ("x-forwarded-host", &["{host}", "{http.request.host}"]),
];

pub(super) const RULE: Rule = Rule {
    code: Code("COR019"),
    name: "redundant-header-up",
    level: Level::Info,
    phase: Phase::Tree,
    summary: "A header is set to what it is anyway.",
    why: "`reverse_proxy` hands on `Host` and sets the `X-Forwarded` fields itself. Setting them by hand goes past `trusted_proxies`.",
    bad: r"app.example.com {
	reverse_proxy 127.0.0.1:3000 {
		header_up X-Forwarded-Proto {scheme}
	}
}
",
    bad_line: 3,
    good: r"app.example.com {
	reverse_proxy 127.0.0.1:3000
}
",
    fix: Safety::Safe,
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    if check
        .lines()
        .iter()
        .any(|one| one.name() == "trusted_proxies")
    {
        return;
    }
    let mut found = Vec::new();
    for line in check
        .options("header_up")
        .filter(|one| one.parent() == "reverse_proxy")
    {
        let [field, value] = line.line.arguments() else {
            continue;
        };
        let is_https = line.around.last().is_some_and(|proxy| {
            proxy
                .arguments()
                .iter()
                .any(|word| word.text().starts_with("https://"))
        });
        let name = field.text().to_ascii_lowercase();
        // With an upstream over TLS, Caddy 2.11 sends its own name as `Host`.
        let is_default = DEFAULTS
            .iter()
            .any(|(known, values)| *known == name && values.contains(&value.text()));
        if is_default && !(is_https && name == "host") {
            let finding = check
                .at(
                    line.line.span(),
                    format!("`{}` is that anyway", field.text()),
                )
                .help("take the line away");
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
