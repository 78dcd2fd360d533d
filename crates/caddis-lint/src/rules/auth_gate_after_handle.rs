//! `auth-gate-after-handle`: a refusal comes after the handler that it should protect.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::finding::Finding;
use crate::gaps::{self, Gap};
use crate::routes::Reason;

pub(super) const RULE: Rule = Rule {
    code: Code("SEC007"),
    name: "auth-gate-after-handle",
    level: Level::Error,
    phase: Phase::Routes,
    summary: "A refusal comes after the handler that it should protect.",
    why: "Directives run in an order of their own, and `respond`, `error` and `abort` come behind `handle`, `handle_path` and `route`. A request that one of those has answered never meets the refusal.",
    bad: r#"ollama.example.com {
	@unauthorized not header Authorization "Bearer {env.OLLAMA_TOKEN}"
	respond @unauthorized 401
	handle /api/* {
		reverse_proxy 127.0.0.1:11434
	}
}
"#,
    bad_line: 3,
    good: r#"ollama.example.com {
	@unauthorized not header Authorization "Bearer {env.OLLAMA_TOKEN}"
	handle @unauthorized {
		respond 401
	}
	handle {
		reverse_proxy 127.0.0.1:11434
	}
}
"#,
    environment: Some(&[("OLLAMA_TOKEN", "good-token-0123456789abcdef01234567")]),
    cwe: Some(696),
    risk: Some("9.8"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    gaps::report(check, |reason| *reason == Reason::After, say);
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "other rules say nothing of some gaps"
)]
fn say<'c>(check: &Check<'c>, gap: &Gap<'c, 'c>) -> Option<Finding> {
    let directive = gap.directive(check);
    let finding = check
        .at(gap.span, format!("`{directive}` runs after the handler that it should protect"))
        .label("runs later")
        .also(gap.open, "runs earlier and answers")
        .witness(gap.witness(check))
        .help("put the refusal into a `handle` of its own, or everything into `route` with the refusal first");
    Some(finding)
}
