//! `env-var-unset`: a variable has neither a value nor a default.

use caddis_source::Code;
use caddis_source::Span;

use crate::check::Check;
use crate::rule::{Choice, Level, Phase, Rule, Value};

use crate::environment::variables;
use crate::routes::placeholder_names;

pub(super) const RULE: Rule = Rule {
    code: Code("COR014"),
    name: "env-var-unset",
    level: Level::Warning,
    phase: Phase::Environment,
    summary: "A variable has neither a value nor a default.",
    why: "Where a variable is not set, nothing stands in its place, and no word is said about it: an address is gone, a token is empty, a line means something else.",
    bad: r#"{$APP_SITE} {
	respond "ok"
}
"#,
    bad_line: 1,
    good: r#"{$APP_SITE:app.example.com} {
	respond "ok"
}
"#,
    environment: Some(&[]),
    options: &[Choice {
        name: "strict_env",
        default: Value::Flag(false),
        about: "also without variables on the command line",
    }],
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let environment = &check.cx.environment;
    if !environment.is_given && !environment.is_strict && !check.flag("strict_env") {
        return;
    }
    let mut unset = Vec::new();
    for file in check.cx.sources.files() {
        for variable in variables(check.cx.sources.text(file)) {
            if variable.default.is_none() && !environment.values.contains_key(variable.name) {
                unset.push((
                    Span::new(file, variable.start, variable.end),
                    variable.name.to_owned(),
                ));
            }
        }
    }
    for line in check.lines() {
        for word in &line.line.words {
            // What was `{$NAME}` in the text is said already.
            if check.slice(word.span()).contains("{$") {
                continue;
            }
            let names = placeholder_names(word.text())
                .into_iter()
                .filter_map(|name| name.strip_prefix("env."));
            let names = names.filter(|name| !environment.values.contains_key(*name));
            unset.extend(names.map(|name| (word.span(), name.to_owned())));
        }
    }
    for (span, name) in unset {
        let finding = check
            .at(span, format!("the variable `{name}` is not set"))
            .label("nothing stands here then")
            .help(format!(
                "set it, or write a value for when it is not set: `{{${name}:value}}`"
            ));
        check.report(finding);
    }
}
