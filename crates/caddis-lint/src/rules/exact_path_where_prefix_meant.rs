//! `exact-path-where-prefix-meant`: one path is taken where probably all below it are meant.

use caddis_source::Code;
use caddis_source::{Fix, Span};

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

/// Names of what has more below it.
const FOLDERS: [&str; 14] = [
    "/api",
    "/app",
    "/admin",
    "/v1",
    "/v2",
    "/static",
    "/assets",
    "/files",
    "/dashboard",
    "/ui",
    "/web",
    "/blog",
    "/docs",
    "/ollama",
];

pub(super) const RULE: Rule = Rule {
    code: Code("COR017"),
    name: "exact-path-where-prefix-meant",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "One path is taken where probably all below it are meant.",
    why: "`handle /api` takes `/api` and nothing below it.",
    bad: r"app.example.com {
	handle /api {
		reverse_proxy 127.0.0.1:3000
	}
	handle {
		respond 404
	}
}
",
    bad_line: 2,
    good: r"app.example.com {
	handle /api/* {
		reverse_proxy 127.0.0.1:3000
	}
	handle {
		respond 404
	}
}
",
    fix: Safety::Unsafe,
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for line in check.lines().iter().filter(|one| one.is_directive()) {
        let Some(word) = line.matcher().filter(|word| FOLDERS.contains(&word.text())) else {
            continue;
        };
        let is_proxy = match line.name() {
            "handle" | "handle_path" => {
                let mut inner = line.line.block.iter().flat_map(|block| &block.lines);
                inner.any(|line| line.name().text() == "reverse_proxy")
            }
            "reverse_proxy" => true,
            _ => false,
        };
        let has_rest = check.lines_of(line.site()).iter().any(|other| {
            other
                .line
                .words
                .iter()
                .any(|other| other.text() == format!("{}/*", word.text()))
        });
        if is_proxy && !has_rest {
            let finding = check
                .at(word.span(), format!("`{}` is this path alone", word.text()))
                .label("nothing below it")
                .help(format!(
                    "write `{}/*`, or `{}*` for both",
                    word.text(),
                    word.text()
                ));
            let end = Span {
                start: word.span().end,
                ..word.span()
            };
            found.push(finding.fix(
                Safety::Unsafe,
                Fix::replace("take what is below it", end, "/*"),
            ));
        }
    }
    check.report_all(found);
}
