//! What fixes make of a config: twice is once, and nothing else changes.

use caddis_syntax::Memory;

use crate::{Context, Environment, Fixing, Linted, RULES, Safety, Settings, fixed, lint};

const ROUNDS: usize = 10;

fn look(text: &str, settings: &Settings, environment: &Environment) -> (Linted, String) {
    let cx = Context::read("Caddyfile", text, environment, &Memory::default());
    let findings = lint(&cx, settings);
    let json = caddis_ir::compact(&cx.config);
    let linted = Linted {
        name: "Caddyfile".into(),
        is_unreadable: cx.is_unreadable(),
        sources: cx.sources,
        findings,
    };
    (linted, json)
}

/// The text when nothing is left to fix.
fn repaired(text: &str, settings: &Settings, fixing: Fixing, environment: &Environment) -> String {
    let mut text = text.to_owned();
    for _ in 0..ROUNDS {
        let (linted, _) = look(&text, settings, environment);
        match fixed(&linted, fixing).remove("Caddyfile") {
            Some(changed) => text = changed,
            None => return text,
        }
    }
    panic!("the fixes never end:\n{text}");
}

#[test]
fn every_rule_with_a_fix_has_nothing_to_say_of_its_bad_example_afterwards() {
    let mut wrong = Vec::new();
    for rule in RULES.iter().filter(|rule| rule.fix != Safety::None) {
        let environment = rule.environment.map(Environment::of).unwrap_or_default();
        let settings = Settings::only(rule.code.0);
        let text = repaired(rule.bad, &settings, Fixing::Unsafe, &environment);
        let (linted, _) = look(&text, &settings, &environment);
        let left = linted.active().filter(|found| found.rule.is_some()).count();
        if left > 0
            || linted.is_unreadable
            || linted.findings.iter().any(|found| found.rule.is_none())
        {
            wrong.push(format!("{}:\n{text}", rule.code));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn safe_fixes_are_marked_as_the_rule_says() {
    for rule in RULES {
        let environment = rule.environment.map(Environment::of).unwrap_or_default();
        let (linted, _) = look(rule.bad, &Settings::only(rule.code.0), &environment);
        for finding in linted.active().filter(|found| found.rule == Some(rule)) {
            let fits = finding.safety == Safety::None || finding.safety == rule.fix;
            assert!(fits, "{}", rule.code);
        }
    }
}

#[test]
fn renaming_and_formatting_leave_the_config_as_it_is() {
    let codes = ["DEP001", "DEP002", "DEP006", "STY001", "STY003"];
    for rule in RULES.iter().filter(|rule| codes.contains(&rule.code.0)) {
        let (settings, environment) = (Settings::only(rule.code.0), Environment::default());
        let (_, before) = look(rule.bad, &settings, &environment);
        let text = repaired(rule.bad, &settings, Fixing::Safe, &environment);
        let (_, after) = look(&text, &settings, &environment);
        assert_eq!(before, after, "{}", rule.code);
        assert_ne!(text, rule.bad, "{}", rule.code);
    }
}

#[test]
fn all_safe_fixes_together_end_and_are_made_once() {
    for rule in RULES {
        let (settings, environment) = (Settings::everything(), Environment::default());
        let once = repaired(rule.bad, &settings, Fixing::Safe, &environment);
        assert_eq!(repaired(&once, &settings, Fixing::Safe, &environment), once);
    }
}
