//! `duplicate-site`: two sites have the same address.
use caddis_source::Code;

use crate::rule::{Level, Phase, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code("COR006"),
    name: "duplicate-site",
    level: Level::Error,
    phase: Phase::Tree,
    summary: "Two sites have the same address.",
    why: "A request could go to either, so the config cannot be loaded.",
    bad: r#"app.example.com {
	reverse_proxy 127.0.0.1:3000
}

app.example.com {
	respond "maintenance" 503
}
"#,
    bad_line: 5,
    good: r#"app.example.com {
	reverse_proxy 127.0.0.1:3000
}

status.example.com {
	respond "maintenance" 503
}
"#,
    adopts: &[Code("site/ambiguous")],
    ..Rule::NEW
};
