//! `auth-after-proxy-in-route`: in a `route` the login stands behind the proxy.

use caddis_source::Code;
use caddis_source::{Edit, Fix, Span};

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

use crate::finding::Finding;
use crate::gaps::{self, Gap};
use crate::routes::Reason;

pub(super) const RULE: Rule = Rule {
    code: Code("SEC009"),
    name: "auth-after-proxy-in-route",
    level: Level::Error,
    phase: Phase::Routes,
    summary: "In a `route` the login stands behind the proxy.",
    why: "A `route` keeps the order in which its lines are written. A proxy answers every request that comes to it, so what is written behind it is not asked any more.",
    bad: r"ollama.example.com {
	route {
		reverse_proxy 127.0.0.1:11434
		basic_auth {
			alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
		}
	}
}
",
    bad_line: 4,
    good: r"ollama.example.com {
	route {
		basic_auth {
			alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
		}
		reverse_proxy 127.0.0.1:11434
	}
}
",
    fix: Safety::Unsafe,
    cwe: Some(696),
    risk: Some("9.8"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    gaps::report(check, |reason| *reason == Reason::AfterInRoute, say);
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "other rules say nothing of some gaps"
)]
fn say<'c>(check: &Check<'c>, gap: &Gap<'c, 'c>) -> Option<Finding> {
    let directive = gap.directive(check);
    let finding = check
        .at(
            gap.span,
            format!("`{directive}` stands behind what it should protect"),
        )
        .label("is not reached")
        .also(gap.open, "answers first")
        .witness(gap.witness(check))
        .help(format!(
            "move `{directive}` to the top of the `route` block"
        ));
    Some(match moved(check, gap) {
        Some(fix) => finding.fix(Safety::Unsafe, fix),
        None => finding,
    })
}

/// The lines of the gate before the line of the handler.
fn moved(check: &Check<'_>, gap: &Gap<'_, '_>) -> Option<Fix> {
    let placed = check
        .lines()
        .iter()
        .find(|one| one.line.span() == gap.span)?;
    let end = placed
        .line
        .block
        .as_ref()
        .map_or(gap.span.end, |block| block.close.end);
    let text = check.cx.sources.text(gap.span.file);
    let line_start = |at: u32| {
        text.get(..at as usize)
            .and_then(|before| before.rfind('\n'))
            .map_or(0, |at| at + 1)
    };
    let from = line_start(gap.span.start);
    let to = text
        .get(end as usize..)?
        .find('\n')
        .map_or(text.len(), |at| end as usize + at + 1);
    let target = line_start(gap.open.start);
    let lines = text.get(from..to)?.to_owned();
    let file = gap.span.file;
    (file == gap.open.file && target < from).then(|| Fix {
        title: "move it to the top".into(),
        edits: vec![
            Edit {
                span: Span::new(file, target, target),
                text: lines,
            },
            Edit {
                span: Span::new(file, from, to),
                text: String::new(),
            },
        ],
    })
}
