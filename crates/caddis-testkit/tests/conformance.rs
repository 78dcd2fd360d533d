//! Caddy's own cases and Caddyfiles of other people, where they lie beside the repository.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::path::Path;

use caddis_testkit::golden::{Outcome, adapt_text, files};
use caddis_testkit::oracle::{Answer, Oracle};
use caddis_testkit::shared::{self, say};
use serde_json::Value;

/// What came of a number of cases.
#[derive(Default)]
struct Tally {
    same: usize,
    refused_as_well: usize,
    not_there_yet: usize,
    wrong: Vec<String>,
}

impl Tally {
    fn report(&self, title: &str) {
        say(&format!(
            "{title}: {} the same, {} refused by both, {} refused by name, {} wrong",
            self.same,
            self.refused_as_well,
            self.not_there_yet,
            self.wrong.len()
        ));
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
    }

    /// Compares with the JSON that Caddy makes; `None` if it refuses.
    fn add(&mut self, name: &str, outcome: &Outcome, expected: Option<&Value>) {
        if outcome.is_not_there_yet() {
            self.not_there_yet += 1;
            return;
        }
        let ours = ours(outcome);
        match (expected, ours) {
            (None, None) => self.refused_as_well += 1,
            (Some(expected), Some(ours)) if *expected == ours => self.same += 1,
            (None, Some(_)) => self.wrong.push(format!("{name}: Caddy refuses it")),
            (Some(_), None) => self.wrong.push(format!("{name}: {}", outcome.findings())),
            (Some(expected), Some(ours)) => {
                self.wrong
                    .push(format!("{name}:\nours {ours}\nCaddy's {expected}"));
            }
        }
    }
}

fn ours(outcome: &Outcome) -> Option<Value> {
    let json = caddis_ir::compact(&outcome.adapted.config);
    (!outcome.is_refused()).then(|| serde_json::from_str(&json).unwrap())
}

#[test]
fn caddys_own_cases_give_caddys_json() {
    let Some(folder) = shared::path("conformance/adapt") else {
        return;
    };
    let folder = folder.canonicalize().unwrap();
    let name = folder.join("cwd/Caddyfile").display().to_string();
    let mut tally = Tally::default();
    for path in files(&folder.join("open"), ".caddyfiletest") {
        let case = std::fs::read_to_string(&path).unwrap();
        let Some((text, expected)) = case.split_once("----------") else {
            continue;
        };
        let text = text.trim().to_owned() + "\n";
        let expected: Option<Value> = serde_json::from_str(expected.trim()).ok();
        let outcome = adapt_text(&name, &text, &|_| None);
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        tally.add(&file, &outcome, expected.as_ref());
    }
    tally.report("Caddy's own cases");
}

#[test]
fn caddyfiles_of_other_people_give_caddys_json() {
    let (Some(folder), Some(oracle)) = (shared::path("wild"), oracle()) else {
        return;
    };
    let folder = folder.canonicalize().unwrap();
    for (title, plausible) in [("empty variables", false), ("plausible variables", true)] {
        let mut tally = Tally::default();
        for path in files(&folder, ".Caddyfile") {
            add_wild(&mut tally, &path, &oracle, plausible);
        }
        tally.report(&format!("Caddyfiles of other people, {title}"));
    }
}

fn oracle() -> Option<Oracle> {
    let oracle = Oracle::find();
    if oracle.is_none() {
        say("NOT COMPARED: no Caddy; set CADDY to its binary");
    }
    oracle
}

fn add_wild(tally: &mut Tally, path: &Path, oracle: &Oracle, plausible: bool) {
    let text = String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let variables = if plausible {
        variables(&text)
    } else {
        Vec::new()
    };
    let pairs: Vec<_> = variables
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    let expected = match oracle.adapt(path, &pairs).unwrap() {
        Answer::Json { compact, .. } => serde_json::from_str(&compact).ok(),
        Answer::Error(_) => None,
    };
    let environment = |name: &str| {
        let variable = variables.iter().find(|(known, _)| known == name);
        variable.map(|(_, value)| value.clone())
    };
    let outcome = adapt_text(&path.display().to_string(), &text, &environment);
    let file = path.file_name().unwrap_or_default().to_string_lossy();
    tally.add(&file, &outcome, expected.as_ref());
}

/// The variables that a text names, each with a value that its name suggests.
fn variables(text: &str) -> Vec<(String, String)> {
    let mut variables: Vec<(String, String)> = Vec::new();
    for piece in text.split("{$").skip(1) {
        let name: String = piece
            .chars()
            .take_while(|c| !matches!(c, '}' | ':'))
            .collect();
        let upper = name.to_uppercase();
        let value = if upper.contains("PORT") {
            "8080"
        } else if upper.contains("MAIL") {
            "admin@example.com"
        } else if upper.contains("HASH") || upper.contains("PASS") {
            "$2a$14$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZabcde"
        } else if ["DOMAIN", "HOST", "SITE", "ADDRESS"]
            .iter()
            .any(|part| upper.contains(part))
        {
            "example.com"
        } else {
            "value"
        };
        if !variables.iter().any(|(known, _)| *known == name) {
            variables.push((name, value.into()));
        }
    }
    variables
}
