//! Each form of report is what its readers expect.

use caddis_syntax::Memory;
use serde_json::Value;

use crate::{Context, Environment, Linted, RULES, Settings, formats, lint};

const TEXT: &str = "a.test {\n\t# caddis-lint: ignore=COR016 -- <odd> & \"so\"\n\t@a path a\n\trespond @a 1\n\tbasic_auth /api/* {\n\t\talice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG\n\t}\n\treverse_proxy 127.0.0.1:11434\n}\n";

fn linted() -> Vec<Linted> {
    let cx = Context::read(
        "a & b/Caddy<file",
        TEXT,
        &Environment::default(),
        &Memory::default(),
    );
    let findings = lint(&cx, &Settings::default());
    vec![Linted {
        name: "a & b/Caddy<file".into(),
        is_unreadable: cx.is_unreadable(),
        sources: cx.sources,
        findings,
    }]
}

fn read(text: &str) -> Value {
    serde_json::from_str(text).expect("it is JSON")
}

#[test]
fn json_has_a_place_a_witness_and_a_fix() {
    let found = read(&formats::json(&linted()));
    let gap = found
        .as_array()
        .into_iter()
        .flatten()
        .find(|one| one["code"] == "SEC010")
        .expect("it is found");
    assert_eq!(gap["line"], 5);
    assert_eq!(gap["witness"]["request"]["url"], "https://a.test/v1/models");
    assert_eq!(gap["fix"]["safety"], "unsafe");
    assert!(
        found
            .as_array()
            .into_iter()
            .flatten()
            .all(|one| one["code"] != "COR016")
    );
}

#[test]
fn sarif_has_every_rule_and_keeps_to_its_schema() {
    let log = read(&formats::sarif(&linted(), "1.0"));
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"]
        .as_array()
        .expect("there are rules");
    assert_eq!(rules.len(), RULES.len());
    for rule in rules {
        assert!(rule["shortDescription"]["text"].is_string() && rule["help"]["text"].is_string());
        if let Some(risk) = rule["properties"]["security-severity"].as_str() {
            assert!(
                risk.parse::<f64>()
                    .is_ok_and(|risk| (0.0..=10.0).contains(&risk))
            );
        }
    }
    let results = run["results"].as_array().expect("there are results");
    assert!(
        results
            .iter()
            .any(|one| one["suppressions"][0]["kind"] == "inSource")
    );
    for result in results {
        assert!(["error", "warning", "note"].contains(&result["level"].as_str().unwrap_or("")));
        assert!(result["message"]["text"].is_string());
        let index =
            usize::try_from(result["ruleIndex"].as_u64().expect("it has a rule")).expect("it fits");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "a%20%26%20b/Caddy%3Cfile");
        assert!(place["region"]["startLine"].as_u64() >= Some(1));
        assert!(result["partialFingerprints"]["caddisFinding/v1"].is_string());
    }
}

#[test]
fn a_fingerprint_stays_when_lines_move() {
    let prints = |text: &str| {
        let cx = Context::read(
            "Caddyfile",
            text,
            &Environment::default(),
            &Memory::default(),
        );
        let findings = lint(&cx, &Settings::only("SEC010"));
        let linted = Linted {
            name: String::new(),
            is_unreadable: false,
            sources: cx.sources,
            findings,
        };
        linted
            .active()
            .map(|one| linted.fingerprint(one))
            .collect::<Vec<_>>()
    };
    assert_eq!(prints(TEXT).len(), 1);
    assert_eq!(prints(TEXT), prints(&format!("\n\n# a comment\n{TEXT}")));
}

#[test]
fn gitlab_has_no_fingerprint_twice() {
    let twice = [linted(), linted()].concat();
    let issues = read(&formats::gitlab(&twice));
    let issues = issues.as_array().expect("it is an array");
    let prints: std::collections::BTreeSet<_> = issues
        .iter()
        .filter_map(|one| one["fingerprint"].as_str())
        .collect();
    assert_eq!(prints.len(), issues.len());
    assert!(
        issues
            .iter()
            .all(|one| one["location"]["lines"]["begin"].is_u64())
    );
}

#[test]
fn xml_is_well_formed() {
    for text in [formats::checkstyle(&linted()), formats::junit(&linted())] {
        assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
        assert!(text.contains("a &amp; b/Caddy&lt;file"), "{text}");
        // Every element that is opened is closed, in order.
        let mut open = Vec::new();
        for tag in text.split('<').skip(2) {
            let tag = tag.split('>').next().unwrap_or("");
            let name = tag
                .trim_start_matches('/')
                .split([' ', '/'])
                .next()
                .unwrap_or("");
            if tag.starts_with('/') {
                assert_eq!(open.pop(), Some(name), "{text}");
            } else if !tag.ends_with('/') {
                open.push(name);
            }
        }
        assert!(open.is_empty(), "{open:?}");
    }
}

#[test]
fn github_and_tap_have_a_line_for_each_finding_or_file() {
    let text = formats::github(&linted());
    assert!(text.lines().all(|line| line.starts_with("::")), "{text}");
    assert!(text.contains("title=SEC010 auth-path-gap::"), "{text}");
    let text = formats::tap(&linted());
    assert!(
        text.starts_with("TAP version 14\n1..1\nnot ok 1 - a & b/Caddy<file\n"),
        "{text}"
    );
}
