//! `order-differs-from-file`: directives run in another order than they are written in.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::lines::{Home, Placed};

/// Pairs of which the first runs first, whatever the order of the lines, and which influence each other.
const PAIRS: [(&str, &str); 9] = [
    ("redir", "basic_auth"),
    ("redir", "forward_auth"),
    ("uri", "basic_auth"),
    ("rewrite", "basic_auth"),
    ("uri", "handle"),
    ("rewrite", "handle"),
    ("redir", "handle"),
    ("respond", "reverse_proxy"),
    ("respond", "file_server"),
];

pub(super) const RULE: Rule = Rule {
    code: Code("COR009"),
    name: "order-differs-from-file",
    level: Level::Info,
    enabled: false,
    phase: Phase::Tree,
    summary: "Directives run in another order than they are written in.",
    why: "Directives are sorted before they run. Where one changes what the other sees, the written order misleads who reads it.",
    bad: r"app.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	redir /old/* /new/ 302
	reverse_proxy 127.0.0.1:3000
}
",
    bad_line: 5,
    good: r"app.example.com {
	redir /old/* /new/ 302
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:3000
}
",
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    if check
        .lines()
        .iter()
        .any(|one| one.home == Home::Options && one.name() == "order")
    {
        return;
    }
    let directives: Vec<&Placed<'_>> = check
        .lines()
        .iter()
        .filter(|one| one.is_directive() && one.parent() != "route")
        .collect();
    let mut found = Vec::new();
    for (at, later) in directives.iter().enumerate() {
        let earlier = directives[..at].iter().rev().find(|earlier| {
            let pair = (later.name(), earlier.name());
            let beside = earlier.home == later.home && earlier.around.len() == later.around.len();
            let same_block = earlier
                .around
                .iter()
                .zip(&later.around)
                .all(|(a, b)| std::ptr::eq(*a, *b));
            beside && same_block && PAIRS.contains(&pair)
        });
        if let Some(earlier) = earlier {
            let finding = check
                .at(
                    later.line.span(),
                    format!("`{}` runs before `{}`", later.name(), earlier.name()),
                )
                .label("written later, runs earlier")
                .also(earlier.line.span(), "written earlier, runs later")
                .help("write them in the order in which they run");
            found.push(finding);
        }
    }
    check.report_all(found);
}
