//! `model-management-reachable`: whoever may use the models may also change them.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Choice, Level, Phase, Rule, Value};

use crate::finding::Finding;
use crate::models;

pub(super) const RULE: Rule = Rule {
    code: Code("OLL002"),
    name: "model-management-reachable",
    level: Level::Error,
    phase: Phase::Routes,
    summary: "Whoever may use the models may also change them.",
    why: "Pulling, pushing, creating and deleting models, uploading blobs and the account of the server are requests like any other. A credential for asking models should not fill the disk, publish a model or let the server fetch addresses.",
    bad: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 5,
    good: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	@inference path /api/generate /api/chat /api/embed /api/embeddings /api/tags /api/ps /api/version /v1/chat/completions /v1/completions /v1/embeddings /v1/responses /v1/messages /v1/models /v1/models/*
	handle @inference {
		reverse_proxy 127.0.0.1:11434 {
			header_up Host localhost:11434
		}
	}
	handle {
		respond 403
	}
}
",
    options: &[Choice {
        name: "allow_management_for",
        default: Value::Texts(&[]),
        about: "hosts of sites that are for administrators",
    }],
    cwe: Some(732),
    risk: Some("8.1"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let allowed = check.texts("allow_management_for");
    let found: Vec<Finding> = models::guarded(check)
        .into_iter()
        .filter(|way| !allowed.contains(&way.entry.host) && !way.denied_any)
        .filter_map(|way| {
            let (request, handler) = way.manages?;
            let witness = check.graph().witness(&request, handler, true);
            let finding = check
                .at(way.span, "a credential for asking models also manages them")
                .label(format!("lets `{} {}` through", request.method, request.path))
                .help("let through the paths that are needed, and refuse the rest: `@inference path /api/chat /api/generate /v1/*`");
            Some(finding.witness(witness.with_credentials()))
        })
        .collect();
    check.report_all(found);
}
