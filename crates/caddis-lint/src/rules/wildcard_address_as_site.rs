//! `wildcard-address-as-site`: the address of every interface stands where a name belongs.
use caddis_source::Code;

use crate::rule::{Level, Phase, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code("COR007"),
    name: "wildcard-address-as-site",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "The address of every interface stands where a name belongs.",
    why: "Such a site answers who asks for a host that is called `0.0.0.0`. On which interface a site listens is said by `bind`.",
    bad: r#"http://0.0.0.0:8080 {
	respond "ok"
}
"#,
    bad_line: 1,
    good: r#"http://:8080 {
	bind 0.0.0.0
	respond "ok"
}
"#,
    adopts: &[Code("site/unspecified-ip")],
    ..Rule::NEW
};
