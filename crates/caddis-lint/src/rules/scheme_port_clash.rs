//! `scheme-port-clash`: hTTP and HTTPS on one port.
use caddis_source::Code;

use crate::rule::{Level, Phase, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code("COR013"),
    name: "scheme-port-clash",
    level: Level::Error,
    phase: Phase::Tree,
    summary: "HTTP and HTTPS on one port.",
    why: "A listener speaks one of them.",
    bad: r#"http://app.example.com:8443 {
	respond "a"
}

https://chat.example.com:8443 {
	respond "b"
}
"#,
    bad_line: 1,
    good: r#"http://app.example.com:8080 {
	respond "a"
}

https://chat.example.com:8443 {
	respond "b"
}
"#,
    adopts: &[Code("site/http-and-https"), Code("site/scheme-and-port")],
    ..Rule::NEW
};
