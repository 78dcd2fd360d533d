//! Caddy's own cases, where they lie beside the repository: its JSON, and its words for what it refuses.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::path::Path;

use caddis_testkit::golden::{Outcome, adapt_text, files};
use caddis_testkit::shared::{self, say};
use serde_json::Value;

/// Cases with a DNS provider that only Caddy's test binary has; stock Caddy refuses them as we do, by its name.
const NEED_MOCK: &[&str] = &[
    "acme_dns_configured",
    "acme_dns_naked_use_dns_defaults",
    "global_options_resolvers",
    "global_options_resolvers_local_override",
    "global_options_resolvers_mixed",
    "tls_acme_dns_override_global_dns",
    "tls_dns_override_acme_dns",
    "tls_dns_override_global_dns",
    "wildcard_pattern",
];

/// What Caddy expects of a case.
enum Expected {
    Json(Value),
    /// A part of the message.
    Error(String),
}

struct Case {
    name: String,
    expected: Expected,
    outcome: Outcome,
}

/// What is to be said of one case.
#[derive(PartialEq, Eq)]
enum Verdict {
    Same,
    RefusedInCaddysWords,
    NeedsMock,
    NotThereYet,
    Wrong(String),
}

#[test]
fn caddys_own_cases_give_caddys_json_or_hold_its_words() {
    let Some(folder) = shared::path("conformance/adapt") else {
        return;
    };
    let folder = folder.canonicalize().unwrap();
    let cases = files(&folder.join("open"), ".caddyfiletest");
    let verdicts: Vec<_> = cases.iter().map(|path| judge(&folder, path)).collect();
    let with = |wanted: &Verdict| -> Vec<&str> {
        let found = verdicts.iter().filter(|(_, verdict)| verdict == wanted);
        found.map(|(name, _)| name.as_str()).collect()
    };
    let missing = with(&Verdict::NotThereYet);
    let wrong: Vec<_> = verdicts
        .iter()
        .filter_map(|(name, verdict)| match verdict {
            Verdict::Wrong(why) => Some(format!("{name}: {why}")),
            _ => None,
        })
        .collect();
    say(&format!(
        "Caddy's own cases: {} the same, {} refused in Caddy's words, {} need `mock`, {} not there yet, {} wrong of {}",
        with(&Verdict::Same).len(),
        with(&Verdict::RefusedInCaddysWords).len(),
        with(&Verdict::NeedsMock).len(),
        missing.len(),
        wrong.len(),
        cases.len(),
    ));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(missing, Vec::<&str>::new());
    assert_eq!(with(&Verdict::NeedsMock), NEED_MOCK);
    assert!(cases.len() > 100, "only {} cases", cases.len());
}

fn judge(folder: &Path, path: &Path) -> (String, Verdict) {
    let case = read(folder, path);
    let cwd = format!("{}/", folder.join("cwd").display());
    let findings = case.outcome.findings().replace(&cwd, "");
    let verdict = if NEED_MOCK.contains(&case.name.as_str()) {
        let named = case.outcome.is_refused() && findings.contains("mock");
        if named {
            Verdict::NeedsMock
        } else {
            Verdict::Wrong(format!("`mock` is not refused by name\n{findings}"))
        }
    } else if case.outcome.is_not_there_yet() {
        Verdict::NotThereYet
    } else {
        compare(&case, &findings)
    };
    (case.name, verdict)
}

fn compare(case: &Case, findings: &str) -> Verdict {
    let refused = case.outcome.is_refused();
    match &case.expected {
        Expected::Json(_) if refused => Verdict::Wrong(findings.to_owned()),
        Expected::Json(expected) => {
            let ours = caddis_ir::compact(&case.outcome.adapted.config);
            let ours: Value = serde_json::from_str(&ours).unwrap();
            if ours == *expected {
                return Verdict::Same;
            }
            Verdict::Wrong(format!("\nours {ours}\nCaddy's {expected}"))
        }
        Expected::Error(text) if refused && findings.contains(text) => {
            Verdict::RefusedInCaddysWords
        }
        Expected::Error(text) if refused => {
            Verdict::Wrong(format!("these words are missing:\n{text}\nin:\n{findings}"))
        }
        Expected::Error(text) => Verdict::Wrong(format!("Caddy refuses it: {text}")),
    }
}

/// Reads a case as Caddy's tests do, and adapts it.
fn read(folder: &Path, path: &Path) -> Case {
    let case = std::fs::read_to_string(path).unwrap();
    let (text, expected) = case.split_once("----------").unwrap();
    let text = text.trim().to_owned() + "\n";
    let expected = expected.trim();
    let expected = match expected.strip_prefix('{') {
        Some(_) => Expected::Json(serde_json::from_str(expected).unwrap()),
        None => Expected::Error(expected.to_owned()),
    };
    let name = folder.join("cwd/Caddyfile").display().to_string();
    Case {
        name: path.file_stem().unwrap().to_string_lossy().into_owned(),
        expected,
        outcome: adapt_text(&name, &text, &|_| None),
    }
}
