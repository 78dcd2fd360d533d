//! `env-default-empty-or-unused`: the default of a variable is empty, or never used.

use caddis_source::Code;
use caddis_source::Span;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::environment::variables;

pub(super) const RULE: Rule = Rule {
    code: Code("COR015"),
    name: "env-default-empty-or-unused",
    level: Level::Info,
    enabled: false,
    phase: Phase::Environment,
    summary: "The default of a variable is empty, or never used.",
    why: "An empty default hides that a value is missing. A default beside a variable that is always given misleads who reads it.",
    bad: r"app.example.com {
	reverse_proxy 127.0.0.1:{$APP_PORT:}
}
",
    bad_line: 2,
    good: r"app.example.com {
	reverse_proxy 127.0.0.1:{$APP_PORT:3000}
}
",
    environment: Some(&[]),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for file in check.cx.sources.files() {
        for variable in variables(check.cx.sources.text(file)) {
            let given = check.cx.environment.values.contains_key(variable.name);
            let about = match variable.default {
                Some("") => format!("the default of `{}` is empty", variable.name),
                Some(_) if given => format!(
                    "the default of `{}` is never used: it is given",
                    variable.name
                ),
                Some(_) | None => continue,
            };
            let finding = check.at(Span::new(file, variable.start, variable.end), about);
            found.push(finding.help("write a value that works, or none"));
        }
    }
    check.report_all(found);
}
