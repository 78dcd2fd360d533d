//! `old-import-argument-syntax`: an argument of an import is written in the old way.
use caddis_source::Code;

use crate::rule::{Level, Phase, Rule, Safety};

pub(super) const RULE: Rule = Rule {
    code: Code("DEP006"),
    name: "old-import-argument-syntax",
    level: Level::Warning,
    phase: Phase::Text,
    summary: "An argument of an import is written in the old way.",
    why: "`{args.0}` is `{args[0]}` today, which also takes ranges.",
    bad: r"(proxy) {
	reverse_proxy {args.0}
}

app.example.com {
	import proxy 127.0.0.1:3000
}
",
    bad_line: 2,
    good: r"(proxy) {
	reverse_proxy {args[0]}
}

app.example.com {
	import proxy 127.0.0.1:3000
}
",
    fix: Safety::Safe,
    adopts: &[Code("import/old-argument")],
    ..Rule::NEW
};
