//! `import-matches-nothing`: an import that finds nothing.
use caddis_source::Code;

use crate::rule::{Level, Phase, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code("COR022"),
    name: "import-matches-nothing",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "An import that finds nothing.",
    why: "A pattern without a file is a line in the log and nothing else. A whole folder of sites can be gone that way.",
    bad: r#"import sites-enabled/*.caddy

app.example.com {
	respond "ok"
}
"#,
    bad_line: 1,
    good: r#"app.example.com {
	respond "ok"
}
"#,
    adopts: &[Code("import/nothing-found"), Code("import/empty-file")],
    ..Rule::NEW
};
