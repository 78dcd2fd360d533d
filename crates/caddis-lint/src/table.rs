//! Every rule's examples: the bad one has one finding at its line, the good one has none.

#![expect(clippy::format_push_string, reason = "a text of a test")]

use caddis_source::render;
use caddis_syntax::Memory;

use crate::{Context, Environment, Finding, RULES, Rule, Settings, lint};

fn findings(rule: &Rule, text: &str, settings: &Settings) -> (Vec<Finding>, Context) {
    let environment = rule.environment.map(Environment::of).unwrap_or_default();
    let cx = Context::read("Caddyfile", text, &environment, &Memory::default());
    let found = lint(&cx, settings);
    (found, cx)
}

fn of_rule(rule: &Rule, text: &str) -> Vec<(usize, String)> {
    let (found, cx) = findings(rule, text, &Settings::only(rule.code.0));
    let own = found
        .iter()
        .filter(|found| found.rule.is_some() && found.is_active());
    own.map(|found| {
        assert_eq!(found.rule.map(|rule| rule.code), Some(rule.code));
        let line = found
            .span()
            .map_or(0, |span| cx.sources.position(span).line);
        (line, found.diagnostic.message().to_owned())
    })
    .collect()
}

#[test]
fn every_bad_example_has_one_finding_at_its_line_and_no_good_one_has_any() {
    let mut wrong = Vec::new();
    for rule in RULES {
        let bad = of_rule(rule, rule.bad);
        if bad.len() != 1 || bad[0].0 != rule.bad_line {
            wrong.push(format!(
                "{} bad: {bad:?}, expected line {}",
                rule.code, rule.bad_line
            ));
        }
        let good = of_rule(rule, rule.good);
        if !good.is_empty() {
            wrong.push(format!("{} good: {good:?}", rule.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_findings_of_all_examples_are_those_that_were_read() {
    let mut text = String::new();
    for rule in RULES {
        for (kind, example) in [("bad", rule.bad), ("good", rule.good)] {
            let (found, cx) = findings(rule, example, &Settings::everything());
            text.push_str(&format!("{} {kind}\n", rule.code));
            for found in &found {
                let line = render::concise(std::slice::from_ref(&found.diagnostic), &cx.sources);
                text.push_str(&format!("  {line}"));
                if let Some(witness) = &found.witness {
                    text.push_str(&format!("    {} {}\n", witness.request, witness.outcome));
                }
            }
        }
    }
    insta::assert_snapshot!(text);
}

#[test]
fn codes_and_names_are_there_once_and_rules_are_in_order() {
    let codes: Vec<&str> = RULES.iter().map(|rule| rule.code.0).collect();
    let names: std::collections::BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
    let order = |code: &&str| {
        ["SEC", "OLL", "COR", "DEP", "STY", "CMP"]
            .iter()
            .position(|one| code.starts_with(one))
    };
    assert!(codes.is_sorted_by_key(|code| (order(code), *code)));
}
