//! `duplicate-handle`: of two blocks with the same matcher the second is never entered.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::lines::Placed;

pub(super) const RULE: Rule = Rule {
    code: Code("COR023"),
    name: "duplicate-handle",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "Of two blocks with the same matcher the second is never entered.",
    why: "A request enters the first `handle` that matches.",
    bad: r#"app.example.com {
	handle /api/* {
		respond "first"
	}
	handle /api/* {
		reverse_proxy 127.0.0.1:3000
	}
}
"#,
    bad_line: 5,
    good: r"app.example.com {
	handle /api/* {
		reverse_proxy 127.0.0.1:3000
	}
	handle {
		respond 404
	}
}
",
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let blocks: Vec<&Placed<'_>> = check
        .lines()
        .iter()
        .filter(|one| one.is_directive() && matches!(one.name(), "handle" | "handle_path"))
        .collect();
    let mut found = Vec::new();
    for (at, later) in blocks.iter().enumerate() {
        let matcher = later.matcher().map_or("", |word| word.text());
        let earlier = blocks[..at].iter().find(|earlier| {
            let beside = earlier.home == later.home && earlier.around.len() == later.around.len();
            let same_block = earlier
                .around
                .iter()
                .zip(&later.around)
                .all(|(a, b)| std::ptr::eq(*a, *b));
            beside && same_block && earlier.matcher().map_or("", |word| word.text()) == matcher
        });
        if let Some(earlier) = earlier {
            let finding = check
                .at(later.line.span(), "no request comes to this block")
                .label("has the same matcher")
                .also(earlier.line.span(), "takes them first")
                .help("put both into one block, or give one of them another matcher");
            found.push(finding);
        }
    }
    check.report_all(found);
}
