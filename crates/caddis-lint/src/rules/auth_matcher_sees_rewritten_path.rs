//! `auth-matcher-sees-rewritten-path`: a login looks at a path that was changed before.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::finding::Finding;
use crate::gaps::{self, Gap};
use crate::routes::Reason;

pub(super) const RULE: Rule = Rule {
    code: Code("SEC011"),
    name: "auth-matcher-sees-rewritten-path",
    level: Level::Error,
    phase: Phase::Routes,
    summary: "A login looks at a path that was changed before.",
    why: "`uri`, `rewrite` and `handle_path` come before the login. A pattern that is written for the path as the client sends it no longer matches what is left of it.",
    bad: r"ollama.example.com {
	basic_auth /ollama/* {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	uri strip_prefix /ollama
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 2,
    good: r"ollama.example.com {
	handle_path /ollama/* {
		basic_auth {
			alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
		}
		reverse_proxy 127.0.0.1:11434
	}
}
",
    cwe: Some(696),
    risk: Some("9.1"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    gaps::report(check, |reason| *reason == Reason::Rewritten, say);
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "other rules say nothing of some gaps"
)]
fn say<'c>(check: &Check<'c>, gap: &Gap<'c, 'c>) -> Option<Finding> {
    let directive = gap.directive(check);
    let seen = gap
        .exposure
        .requests
        .iter()
        .find(|(request, _)| request == gap.request);
    let seen = seen.and_then(|(_, path)| path.clone()).unwrap_or_default();
    let finding = check
        .at(
            gap.span,
            format!("`{directive}` looks at the path after it was rewritten"),
        )
        .label(format!(
            "sees `{seen}` where the client sent `{}`",
            gap.request.path
        ))
        .also(gap.open, "answers without it")
        .witness(gap.witness(check))
        .help(format!(
            "put `{directive}` without a path into the block for the prefix, before the proxy"
        ));
    Some(finding)
}
