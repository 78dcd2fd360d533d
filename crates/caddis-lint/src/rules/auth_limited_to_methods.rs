//! `auth-limited-to-methods`: a login is asked for some methods only.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::finding::Finding;
use crate::gaps::{self, Gap};
use crate::routes::Reason;

pub(super) const RULE: Rule = Rule {
    code: Code("SEC012"),
    name: "auth-limited-to-methods",
    level: Level::Warning,
    phase: Phase::Routes,
    summary: "A login is asked for some methods only.",
    why: "The other methods reach the upstream unasked. With Ollama a `GET` lists the models and a `DELETE` removes them.",
    bad: r"ollama.example.com {
	@writes method POST
	basic_auth @writes {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 3,
    good: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    cwe: Some(306),
    risk: Some("7.5"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    gaps::report(check, |reason| *reason == Reason::Method, say);
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "other rules say nothing of some gaps"
)]
fn say<'c>(check: &Check<'c>, gap: &Gap<'c, 'c>) -> Option<Finding> {
    let directive = gap.directive(check);
    let finding = check
        .at(gap.span, format!("`{directive}` is for some methods only"))
        .label(format!("lets `{}` pass", gap.request.method))
        .also(gap.open, "answers every method")
        .witness(gap.witness(check))
        .help("ask for every method; if browsers need it, let out `OPTIONS` alone");
    Some(finding)
}
