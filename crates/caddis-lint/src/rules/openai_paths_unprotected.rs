//! `openai-paths-unprotected`: one of the two interfaces of the model server is open.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::models;

pub(super) const RULE: Rule = Rule {
    code: Code("OLL004"),
    name: "openai-paths-unprotected",
    level: Level::Error,
    phase: Phase::Routes,
    summary: "One of the two interfaces of the model server is open.",
    why: "The same models answer below `/api/`, which is Ollama's own interface, and below `/v1/`, which is the one that OpenAI made common. A gate before one of them protects neither.",
    bad: r"ollama.example.com {
	handle /api/* {
		basic_auth {
			alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
		}
		reverse_proxy 127.0.0.1:11434
	}
	handle /v1/* {
		reverse_proxy 127.0.0.1:11434
	}
}
",
    bad_line: 9,
    good: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	@llm path /api/* /v1/*
	handle @llm {
		reverse_proxy 127.0.0.1:11434
	}
	handle {
		respond 404
	}
}
",
    cwe: Some(306),
    risk: Some("9.1"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for open in models::open(check) {
        if check.runs("SEC008") && models::is_open_beside_a_gate(check, &open) {
            continue;
        }
        if let Some((closed, request)) = models::other_family_is_closed(check, &open) {
            let witness = check.graph().witness(&request, open.exposure.handler, true);
            let finding = check
                .at(
                    open.span,
                    format!("`{closed}` asks who is there, and this does not"),
                )
                .label("the same models, open to everybody")
                .witness(witness)
                .help("put one gate before both: `@llm path /api/* /v1/*`");
            found.push(finding);
        }
    }
    check.report_all(found);
}
