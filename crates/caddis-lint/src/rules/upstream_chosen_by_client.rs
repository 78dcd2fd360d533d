//! `upstream-chosen-by-client`: the client chooses the upstream.

use caddis_source::Code;
use caddis_syntax::Token;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::lines::Placed;
use crate::routes::placeholder_names;

/// Placeholders that say what the client sent.
const OF_CLIENT: [&str; 12] = [
    "header.",
    "query.",
    "path.",
    "cookie.",
    "re.",
    "http.request.",
    "uri",
    "path",
    "query",
    "http.regexp.",
    "file.",
    "dir",
];
/// Those that say which name was asked for.
const OF_HOST: [&str; 6] = [
    "host",
    "hostport",
    "labels.",
    "http.request.host",
    "http.request.hostport",
    "http.request.host.labels.",
];

pub(super) const RULE: Rule = Rule {
    code: Code("SEC023"),
    name: "upstream-chosen-by-client",
    level: Level::Error,
    phase: Phase::Tree,
    summary: "The client chooses the upstream.",
    why: "An address that is made from the request leads wherever the request says: to every machine that this server reaches.",
    bad: r"ollama.example.com {
	reverse_proxy {header.X-Backend}
}
",
    bad_line: 2,
    good: r"ollama.example.com {
	map {header.X-Backend} {backend} {
		gpu1 10.0.0.11:11434
		gpu2 10.0.0.12:11434
		default 10.0.0.11:11434
	}
	reverse_proxy {backend}
}
",
    cwe: Some(918),
    risk: Some("9.1"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    for line in check.directives("reverse_proxy") {
        let Some((word, name)) = chosen(line) else {
            continue;
        };
        let is_of_host = OF_HOST.iter().any(|one| name.starts_with(one));
        if is_of_host && !takes_any_name(check, line) {
            continue;
        }
        let level = if is_of_host || name.starts_with("re.") {
            Level::Warning
        } else {
            Level::Error
        };
        let finding = check
            .at(word.span(), format!("`{{{name}}}` lets the client choose the upstream"))
            .label("leads wherever the request says")
            .level(level)
            .help("write the upstreams that there are into a `map`, and the placeholder that it fills here");
        check.report(finding);
    }
}

fn chosen<'c>(line: &Placed<'c>) -> Option<(&'c Token, &'c str)> {
    line.arguments().iter().find_map(|word| {
        // A path before the placeholder is only the path: the upstream stands before the first slash.
        let authority = word
            .text()
            .split_once("://")
            .map_or(word.text(), |(_, rest)| rest);
        let authority = authority.split('/').next().unwrap_or("");
        let is_one = |name: &&str| {
            OF_CLIENT
                .iter()
                .chain(&OF_HOST)
                .any(|one| name.starts_with(one) && (one.ends_with('.') || name.len() == one.len()))
        };
        let name = placeholder_names(authority).into_iter().find(is_one)?;
        Some((word, name))
    })
}

/// True if the site takes names that nobody has listed.
fn takes_any_name(check: &Check<'_>, line: &Placed<'_>) -> bool {
    let site = line.site().and_then(|site| check.site(site));
    site.is_some_and(|site| {
        let addresses = site
            .addresses
            .iter()
            .filter_map(|word| caddis_adapt::Address::parse(word.text()).ok());
        addresses
            .into_iter()
            .any(|address| address.host.is_empty() || address.host.contains('*'))
    })
}
