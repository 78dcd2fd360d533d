//! The page of a rule, made from the rule itself.

use std::fmt::Write as _;

use crate::rule::{Rule, Safety, Value};

/// All that is to say of a rule.
pub fn explain(rule: &Rule) -> String {
    let mut page = format!("# {} {}\n\n{}\n\n", rule.code, rule.name, rule.summary);
    let _ = writeln!(page, "{}\n", facts(rule).join(" · "));
    let _ = writeln!(page, "## Why\n\n{}\n", rule.why);
    let _ = writeln!(page, "## Bad\n\n```caddyfile\n{}```\n", rule.bad);
    let _ = writeln!(page, "## Good\n\n```caddyfile\n{}```\n", rule.good);
    if !rule.options.is_empty() {
        let _ = writeln!(
            page,
            "## Options\n\nIn `caddis.toml`, below `[lint.rule.{}]`:\n",
            rule.code
        );
        for choice in rule.options {
            let _ = writeln!(
                page,
                "* `{} = {}`: {}",
                choice.name,
                written(choice.default),
                choice.about
            );
        }
        page.push('\n');
    }
    let turned_off = format!("# caddis-lint: ignore={} -- reason", rule.code);
    let _ = writeln!(
        page,
        "## Where it is meant\n\n`{turned_off}` before a line or a block turns it off there."
    );
    page
}

fn facts(rule: &Rule) -> Vec<String> {
    let mut facts = vec![
        rule.level.name().to_owned(),
        if rule.enabled {
            "on by default".into()
        } else {
            "off by default".into()
        },
        format!("looks at {}", rule.phase.words()),
    ];
    facts.push(match rule.fix {
        Safety::None => "no fix".into(),
        Safety::Safe => "has a safe fix (`--fix`)".into(),
        Safety::Unsafe => "has a fix to be looked at (`--unsafe-fixes`)".into(),
    });
    facts.extend(rule.risk.map(|risk| format!("security severity {risk}")));
    facts.extend(rule.cwe.map(|cwe| format!("CWE-{cwe}")));
    facts
}

fn written(value: Value) -> String {
    match value {
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::Texts(texts) => format!("{texts:?}"),
    }
}

/// A line for each rule.
pub fn list(rules: &[&Rule]) -> String {
    let mut text = String::new();
    for rule in rules {
        let on = if rule.enabled {
            ""
        } else {
            " (off by default)"
        };
        let _ = writeln!(
            text,
            "{}  {:<7}  {}{on}: {}",
            rule.code,
            rule.level.name(),
            rule.name,
            rule.summary
        );
    }
    text
}
