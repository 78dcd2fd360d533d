//! `case-sensitive-path-gate`: a path is refused by an expression that tells large letters from small ones.

use caddis_source::Code;
use caddis_source::{Fix, Span};
use caddis_syntax::Token;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

use crate::finding::Witness;
use crate::routes::{Run, Secrets, of_regex};

pub(super) const RULE: Rule = Rule {
    code: Code("SEC014"),
    name: "case-sensitive-path-gate",
    level: Level::Warning,
    phase: Phase::Routes,
    summary: "A path is refused by an expression that tells large letters from small ones.",
    why: "The `path` matcher takes `/API/pull` and `/api/pull` for the same, and `path_regexp` does not. Many servers behind a proxy do not care about the size of letters either.",
    bad: r"ollama.example.com {
	@admin path_regexp ^/api/(pull|push|delete)
	respond @admin 403
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 2,
    good: r"ollama.example.com {
	@admin path /api/pull /api/push /api/delete
	respond @admin 403
	reverse_proxy 127.0.0.1:11434
}
",
    fix: Safety::Safe,
    cwe: Some(178),
    risk: Some("5.3"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for definition in check.definitions().iter().filter(|one| one.is_used) {
        for term in definition
            .terms
            .iter()
            .filter(|term| term.kind == "path_regexp")
        {
            let Some(word) = term
                .words
                .last()
                .filter(|word| !word.text().contains("(?i"))
            else {
                continue;
            };
            let Some(witness) = in_large_letters(check, definition.site, word.text()) else {
                continue;
            };
            let finding = check
                .at(
                    term.span,
                    "this refusal tells large letters from small ones",
                )
                .label("does not match the same path in large letters")
                .witness(witness)
                .help("use `path`, which does not, or begin the expression with `(?i)`");
            found.push(match fix(check, word) {
                Some(fix) => finding.fix(Safety::Safe, fix),
                None => finding,
            });
        }
    }
    check.report_all(found);
}

/// A path that is refused, and is not in large letters.
fn in_large_letters(check: &Check<'_>, site: usize, pattern: &str) -> Option<Witness> {
    let sample = of_regex(pattern)?;
    let path = if sample.starts_with('/') {
        sample
    } else {
        format!("/{sample}")
    };
    let large = path.to_ascii_uppercase();
    let graph = check.graph();
    let mut entries = graph
        .entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| entry.site == Some(site));
    entries.find_map(|(at, entry)| {
        let plain = &graph.trials(at).first()?.request;
        let small = graph.run(entry, &plain.at(&path), Secrets::Set);
        if large == path || !small.iter().all(Run::is_refused) {
            return None;
        }
        let request = plain.at(&large);
        let run = graph
            .run(entry, &request, Secrets::Set)
            .into_iter()
            .find(|run| run.reached().is_some())?;
        let (handler, _) = run.reached()?;
        Some(graph.witness(&request, handler, !run.is_guess))
    })
}

/// The expression with `(?i)` before it.
fn fix(check: &Check<'_>, word: &Token) -> Option<Fix> {
    let written = check.slice(word.span());
    let quote = usize::from(written.starts_with(['"', '`']));
    let at = word.span().range().start + quote;
    let span = Span::new(word.span().file, at, at);
    (!written.contains("{$")).then(|| Fix::replace("take letters of both sizes", span, "(?i)"))
}
