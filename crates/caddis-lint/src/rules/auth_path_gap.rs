//! `auth-path-gap`: a login covers fewer paths than the proxy behind it.

use caddis_source::Code;
use caddis_source::{Fix, Span};

use crate::check::Check;
use crate::rule::{Choice, Level, Phase, Rule, Safety, Value};

use crate::finding::Finding;
use crate::gaps::{self, Gap};
use crate::routes::Reason;

pub(super) const RULE: Rule = Rule {
    code: Code("SEC010"),
    name: "auth-path-gap",
    level: Level::Error,
    phase: Phase::Routes,
    summary: "A login covers fewer paths than the proxy behind it.",
    why: "A pattern such as `/api/*` says nothing of `/api` itself, of `/v1/*`, and of whatever the upstream will serve with its next version. What is not covered is open.",
    bad: r"ollama.example.com {
	basic_auth /api/* {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 2,
    good: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    options: &[Choice {
        name: "public_paths",
        default: Value::Texts(&["/health"]),
        about: "paths that are meant to be open",
    }],
    fix: Safety::Unsafe,
    cwe: Some(306),
    risk: Some("8.6"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    gaps::report(check, |reason| *reason == Reason::Path, say);
}

fn say<'c>(check: &Check<'c>, gap: &Gap<'c, 'c>) -> Option<Finding> {
    let public = check.texts("public_paths");
    let is_model_server = check.graph().is_model_server(gap.exposure.handler);
    if public.contains(&gap.request.path) {
        return None;
    }
    let directive = gap.directive(check);
    let finding = if is_model_server {
        let message = format!("`{directive}` covers fewer paths than the proxy");
        check.at(gap.span, message).witness(gap.witness(check))
    } else {
        let bare = bare_path(gap)?;
        let request = gap.request.at(&bare);
        let witness = check.graph().witness(&request, gap.exposure.handler, true);
        let message = format!("`{directive}` does not cover `{bare}` itself");
        check
            .at(gap.span, message)
            .level(Level::Warning)
            .witness(witness)
    };
    let finding = finding
        .label("asks for these paths only")
        .also(gap.open, "answers for the others too")
        .help("take the path away, so that everything is covered, and let out what is meant to be open by `not path`");
    Some(match without_path(check, gap) {
        Some(fix) if is_model_server => finding.fix(Safety::Unsafe, fix),
        Some(_) | None => finding,
    })
}

/// `/a` for a gate that covers `/a/*`, if the same proxy answers there.
fn bare_path(gap: &Gap<'_, '_>) -> Option<String> {
    if !matches!(gap.exposure.handler, caddis_ir::Handler::ReverseProxy(_)) {
        return None;
    }
    let sets = gap.gate.conditions.iter().flat_map(|sets| sets.iter());
    let patterns = sets.flat_map(|set| set.path.iter().flatten());
    let bare = patterns
        .filter_map(|pattern| pattern.strip_suffix("/*"))
        .find(|bare| {
            let mut open = gap.exposure.requests.iter();
            open.any(|(request, path)| request.path == **bare && path.as_deref() == Some(*bare))
        })?;
    Some(bare.to_owned())
}

/// The directive without its path.
fn without_path(check: &Check<'_>, gap: &Gap<'_, '_>) -> Option<Fix> {
    let placed = check
        .lines()
        .iter()
        .find(|one| one.line.span() == gap.span)?;
    let path = placed
        .matcher()
        .filter(|word| word.text().starts_with('/'))?;
    let span = Span {
        start: placed.line.name().span().end,
        ..path.span()
    };
    Some(Fix::replace("ask for every path", span, ""))
}
