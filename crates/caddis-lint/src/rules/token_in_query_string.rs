//! `token-in-query-string`: a token is asked for in the query of the URL.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::gaps;
use crate::routes::{Secrets, is_credential_key};

pub(super) const RULE: Rule = Rule {
    code: Code("SEC017"),
    name: "token-in-query-string",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "A token is asked for in the query of the URL.",
    why: "URLs are written into logs, histories and `Referer` headers. Only what stands in some header fields is left out of the log.",
    bad: r#"ollama.example.com {
	@authorized {
		query api-key={env.OLLAMA_TOKEN}
		expression `{env.OLLAMA_TOKEN} != ""`
	}
	handle @authorized {
		reverse_proxy 127.0.0.1:11434
	}
	handle {
		respond 401
	}
}
"#,
    bad_line: 3,
    good: r#"ollama.example.com {
	@authorized {
		header Authorization "Bearer {env.OLLAMA_TOKEN}"
		expression `{env.OLLAMA_TOKEN} != ""`
	}
	handle @authorized {
		reverse_proxy 127.0.0.1:11434
	}
	handle {
		respond 401
	}
}
"#,
    cwe: Some(598),
    risk: Some("5.3"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for definition in check.definitions().iter().filter(|one| one.is_used) {
        for term in definition.terms.iter().filter(|term| term.kind == "query") {
            let pairs = term
                .words
                .iter()
                .filter_map(|word| word.text().split_once('='));
            let Some((key, value)) = pairs.into_iter().find(|(key, _)| is_credential_key(key))
            else {
                continue;
            };
            let value = gaps::with_known_secrets(check, value);
            let opens = gaps::opened_by(check, definition.site, Secrets::Known, |plain| {
                plain.asking(key, &value)
            });
            if opens.is_some() {
                let finding = check
                    .at(term.span, format!("the token is asked for in the query, as `{key}`"))
                    .label("is written into logs and histories")
                    .help("ask for it in a header field: `header Authorization \"Bearer {env.TOKEN}\"`");
                found.push(finding);
            }
        }
    }
    check.report_all(found);
}
