//! `unhandled-requests-get-200`: requests that nothing takes are answered 200.

use std::collections::HashSet;

use caddis_source::Code;
use caddis_source::{Fix, Span};

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

use crate::finding::Witness;
use crate::lines;
use crate::routes::End;

pub(super) const RULE: Rule = Rule {
    code: Code("COR010"),
    name: "unhandled-requests-get-200",
    level: Level::Warning,
    phase: Phase::Routes,
    summary: "Requests that nothing takes are answered 200.",
    why: "What no directive answers gets an empty page with the status 200. Clients and monitoring take a typing error for success.",
    bad: r"app.example.com {
	reverse_proxy /api/* 127.0.0.1:3000
}
",
    bad_line: 1,
    good: r"app.example.com {
	handle /api/* {
		reverse_proxy 127.0.0.1:3000
	}
	handle {
		respond 404
	}
}
",
    fix: Safety::Unsafe,
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut said = HashSet::new();
    let graph = check.graph();
    for (at, entry) in graph.entries.iter().enumerate() {
        let Some(site) = entry.site else { continue };
        if said.contains(&site) {
            continue;
        }
        let trials = graph.trials(at);
        let content = trials
            .iter()
            .flat_map(|trial| &trial.runs)
            .any(|run| run.reached().is_some());
        let nothing = trials
            .iter()
            .find(|trial| trial.runs.iter().all(|run| matches!(run.end, End::Nothing)));
        let (true, Some(trial)) = (content, nothing) else {
            continue;
        };
        let Some(head) = check.site(site).and_then(lines::head) else {
            continue;
        };
        said.insert(site);
        let witness = Witness {
            request: trial.request.clone(),
            outcome: "gets an empty 200".into(),
            proven: true,
        };
        let finding = check
            .at(
                head,
                "requests that nothing in this site takes get an empty 200",
            )
            .label("no directive answers the rest")
            .witness(witness)
            .help("answer the rest: `handle { respond 404 }`");
        let close = check.site(site).map(|site| site.block.close);
        let close = close.filter(|close| close.end > close.start && close.origin.is_none());
        check.report(match close {
            Some(close) => {
                let text = "\thandle {\n\t\trespond 404\n\t}\n";
                let at = Span {
                    end: close.start,
                    ..close
                };
                finding.fix(
                    Safety::Unsafe,
                    Fix::replace("answer the rest with 404", at, text),
                )
            }
            None => finding,
        });
    }
}
