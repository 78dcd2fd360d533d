//! `auth-exemption-too-wide`: what is let out from a login is wider than its name says.

use caddis_source::Code;
use caddis_source::Fix;
use caddis_syntax::Token;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

use std::collections::HashSet;

use crate::routes::Reason;

pub(super) const RULE: Rule = Rule {
    code: Code("SEC013"),
    name: "auth-exemption-too-wide",
    level: Level::Warning,
    phase: Phase::Routes,
    summary: "What is let out from a login is wider than its name says.",
    why: "`/health*` is also `/health-secret`, and everything else that begins so. What an upstream serves there is open, now or with its next version.",
    bad: r"ollama.example.com {
	@protected not path /health*
	basic_auth @protected {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 2,
    good: r"ollama.example.com {
	@protected not path /health
	basic_auth @protected {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    fix: Safety::Unsafe,
    cwe: Some(625),
    risk: Some("6.5"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut said = HashSet::new();
    let mut found = Vec::new();
    for gap in check.gaps() {
        let Reason::Exempt(pattern) = gap.reason else {
            continue;
        };
        let name = pattern.trim_end_matches('*').trim_end_matches('/');
        let mut open = gap.exposure.requests.iter().map(|(request, _)| request);
        let beyond = open.find(|request| {
            let path = request.path.trim_end_matches('/');
            path != name && crate::routes::path_matches(pattern, path)
        });
        let Some(beyond) = beyond.filter(|_| is_wide(pattern)) else {
            continue;
        };
        let word = written(check, gap.entry.site, pattern);
        let span = word.map_or(gap.span, Token::span);
        if !said.insert(span) {
            continue;
        }
        let finding = check
            .at(
                span,
                format!("`{pattern}` lets out more than its name says"),
            )
            .label("everything that begins so is open")
            .witness(check.graph().witness(beyond, gap.exposure.handler, true))
            .help("write the whole path, or the path and what is below it: `/health /health/*`");
        let exact = pattern.trim_end_matches('*').to_owned();
        found.push(match word {
            Some(word) => finding.fix(
                Safety::Unsafe,
                Fix::replace(format!("let out `{exact}` only"), word.span(), exact),
            ),
            None => finding,
        });
    }
    check.report_all(found);
}

/// True for a pattern that ends in the middle of a name.
fn is_wide(pattern: &str) -> bool {
    let starts = pattern.starts_with('/') && pattern.matches('*').count() == 1;
    starts && pattern.ends_with('*') && !pattern.ends_with("/*")
}

/// Where the pattern stands.
fn written<'c>(check: &Check<'c>, site: Option<usize>, pattern: &str) -> Option<&'c Token> {
    let definitions = check
        .definitions()
        .iter()
        .filter(|one| Some(one.site) == site);
    let terms = definitions
        .flat_map(|one| &one.terms)
        .filter(|term| term.kind == "path" && term.is_negated);
    let mut words = terms.flat_map(|term| term.words);
    words.find(|word| word.text() == pattern)
}
