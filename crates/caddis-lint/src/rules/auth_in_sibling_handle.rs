//! `auth-in-sibling-handle`: a login stands in a block that other requests never enter.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::finding::Finding;
use crate::gaps::{self, Gap};
use crate::routes::Reason;

pub(super) const RULE: Rule = Rule {
    code: Code("SEC008"),
    name: "auth-in-sibling-handle",
    level: Level::Error,
    phase: Phase::Routes,
    summary: "A login stands in a block that other requests never enter.",
    why: "Of the `handle` blocks beside each other a request enters one. A login in one of them says nothing about the others, nor about what stands beside them, and a block for some paths comes before the block for the rest.",
    bad: r"ollama.example.com {
	reverse_proxy 127.0.0.1:11434
	handle_path /api/* {
		basic_auth {
			alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
		}
	}
}
",
    bad_line: 4,
    good: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    cwe: Some(306),
    risk: Some("9.1"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    gaps::report(check, |reason| *reason == Reason::Sibling, say);
}

fn say<'c>(check: &Check<'c>, gap: &Gap<'c, 'c>) -> Option<Finding> {
    if !gaps::guards_in_vain(check, gap) {
        return None;
    }
    let directive = gap.directive(check);
    let message = if gaps::guards_nothing(gap) {
        format!(
            "`{directive}` guards a block in which nothing answers, and what answers stands outside"
        )
    } else {
        format!("`{directive}` guards one way to an upstream that is open on another way")
    };
    let finding = check
        .at(gap.span, message)
        .label("asks only those who come through this block")
        .also(gap.open, "is reached without it")
        .witness(gap.witness(check))
        .help(format!(
            "put `{directive}` beside the outermost handler, or into every block"
        ));
    Some(finding)
}
