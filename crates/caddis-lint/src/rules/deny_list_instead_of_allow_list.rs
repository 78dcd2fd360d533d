//! `deny-list-instead-of-allow-list`: what manages models is refused by a list that has holes.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::finding::Finding;
use crate::models;

pub(super) const RULE: Rule = Rule {
    code: Code("OLL003"),
    name: "deny-list-instead-of-allow-list",
    level: Level::Warning,
    phase: Phase::Routes,
    summary: "What manages models is refused by a list that has holes.",
    why: "Ollama gets new endpoints with new versions. A list of what is refused misses the next one; a list of what is let through does not.",
    bad: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	@manage path /api/pull /api/push /api/delete
	respond @manage 403
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 7,
    good: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	@inference path /api/generate /api/chat /api/embed /api/embeddings /api/tags /api/ps /api/version /v1/chat/completions /v1/completions /v1/embeddings /v1/responses /v1/messages /v1/models /v1/models/*
	handle @inference {
		reverse_proxy 127.0.0.1:11434
	}
	handle {
		respond 403
	}
}
",
    cwe: Some(184),
    risk: Some("6.5"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let found: Vec<Finding> = models::guarded(check)
        .into_iter()
        .filter(|way| way.denied_any)
        .filter_map(|way| {
            let (request, handler) = way.manages?;
            let witness = check.graph().witness(&request, handler, true);
            let finding = check
                .at(way.span, "some requests that manage models are refused, and others are not")
                .label(format!("still lets `{} {}` through", request.method, request.path))
                .help("turn it round: let through the paths that are needed, and refuse everything else");
            Some(finding.witness(witness.with_credentials()))
        })
        .collect();
    check.report_all(found);
}
