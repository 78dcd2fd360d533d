//! `open-inference-endpoint`: a model server is open to everybody.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Choice, Level, Phase, Rule, Value};

use crate::finding::Finding;
use crate::models;

pub(super) const RULE: Rule = Rule {
    code: Code("OLL001"),
    name: "open-inference-endpoint",
    level: Level::Error,
    phase: Phase::Routes,
    summary: "A model server is open to everybody.",
    why: "Ollama asks nobody who they are. A proxy to it without a gate gives everybody the graphics card, the models, and the interface that adds and removes models; well over a hundred thousand such servers were found by one count.",
    bad: r"ollama.example.com {
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 2,
    good: r#"ollama.example.com {
	@authorized {
		header Authorization "Bearer {env.OLLAMA_TOKEN}"
		expression `{env.OLLAMA_TOKEN} != ""`
	}
	handle @authorized {
		reverse_proxy 127.0.0.1:11434 {
			header_up Host localhost:11434
		}
	}
	handle {
		respond 401
	}
}
"#,
    options: &[
        Choice {
            name: "upstream_ports",
            default: Value::Texts(&["11434"]),
            about: "ports of model servers",
        },
        Choice {
            name: "upstream_hosts",
            default: Value::Texts(&["ollama"]),
            about: "hosts of model servers",
        },
        Choice {
            name: "trusted_sites",
            default: Value::Texts(&[]),
            about: "hosts of sites that only a trusted network reaches",
        },
    ],
    cwe: Some(306),
    risk: Some("9.8"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let trusted = check.texts("trusted_sites");
    let found: Vec<Finding> = models::open(check)
        .into_iter()
        .filter(|open| !trusted.contains(&open.entry.host) && !models::is_explained(check, open))
        .map(|open| {
            let witness = check
                .graph()
                .witness(open.request, open.exposure.handler, true);
            check
                .at(open.span, "anybody can use this model server")
                .label("nothing before it asks who is there")
                .witness(witness)
                .help("ask for a password with `basic_auth`, or for a token, before this proxy")
        })
        .collect();
    check.report_all(found);
}
