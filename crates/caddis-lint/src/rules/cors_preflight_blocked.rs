//! `cors-preflight-blocked`: browsers are asked for a password before they may ask anything.

use std::collections::HashSet;

use caddis_ir::Handler;
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::gaps;
use crate::routes::{End, Request, Secrets};

pub(super) const RULE: Rule = Rule {
    code: Code("OLL012"),
    name: "cors-preflight-blocked",
    level: Level::Warning,
    phase: Phase::Routes,
    summary: "Browsers are asked for a password before they may ask anything.",
    why: "Before a page asks another site, the browser sends `OPTIONS`, and never with credentials. A login that is asked for first ends that with 401, and the page gets nothing.",
    bad: r"ollama.example.com {
	@preflight method OPTIONS
	handle @preflight {
		respond 204
	}
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 6,
    good: r#"ollama.example.com {
	@preflight method OPTIONS
	handle @preflight {
		header Access-Control-Allow-Origin https://chat.example.com
		header Access-Control-Allow-Headers "Authorization, Content-Type"
		respond 204
	}
	handle {
		basic_auth {
			alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
		}
		reverse_proxy 127.0.0.1:11434
	}
}
"#,
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let graph = check.graph();
    let mut said = HashSet::new();
    for (at, entry) in graph.entries.iter().enumerate() {
        if !entry.site.is_some_and(|site| is_for_browsers(check, site)) {
            continue;
        }
        let Some(plain) = graph.trials(at).first() else {
            continue;
        };
        let request = Request {
            method: "OPTIONS".into(),
            ..plain.request.clone()
        };
        let runs = graph.run(entry, &request, Secrets::Set);
        let login = runs.iter().find_map(|run| match &run.end {
            End::Refused { spot } => matches!(
                gaps::handler_at(entry, spot),
                Some(Handler::Authentication(_))
            )
            .then_some(spot),
            _ => None,
        });
        let Some(span) = login.and_then(|spot| graph.span(entry.name, spot)) else {
            continue;
        };
        if said.insert(span) {
            let finding = check
                .at(span, "the question that browsers ask first is answered 401")
                .label("comes before what answers `OPTIONS`")
                .help(
                    "answer `OPTIONS` in a `handle`, and put the login into the `handle` beside it",
                );
            check.report(finding);
        }
    }
}

/// True if the site does something for pages of other sites.
fn is_for_browsers(check: &Check<'_>, site: usize) -> bool {
    let definitions = check
        .definitions()
        .iter()
        .filter(|one| one.site == site && one.is_used);
    let mut terms = definitions
        .flat_map(|one| &one.terms)
        .filter(|term| term.kind == "method");
    let options = terms
        .any(|term| !term.is_negated && term.words.iter().any(|word| word.text() == "OPTIONS"));
    let mut lines = check.lines_of(Some(site)).iter();
    options
        || lines.any(|one| {
            let header = one.name() == "header" || one.parent() == "header";
            header
                && one.line.words.iter().any(|word| {
                    word.text()
                        .to_ascii_lowercase()
                        .contains("access-control-allow-headers")
                })
        })
}
