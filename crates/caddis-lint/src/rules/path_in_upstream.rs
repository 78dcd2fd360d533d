//! `path-in-upstream`: the address of an upstream has a path.
use caddis_source::Code;

use crate::rule::{Level, Phase, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code("COR012"),
    name: "path-in-upstream",
    level: Level::Error,
    phase: Phase::Tree,
    summary: "The address of an upstream has a path.",
    why: "A proxy asks a host for the path of the request; where it should be another path, a rewrite says so. Addresses of language models are often given with `/v1` at the end.",
    bad: r"llm.example.com {
	reverse_proxy https://api.example.net/v1
}
",
    bad_line: 2,
    good: r"llm.example.com {
	rewrite * /v1{uri}
	reverse_proxy https://api.example.net
}
",
    adopts: &[Code("reverse_proxy/address-with-path")],
    ..Rule::NEW
};
