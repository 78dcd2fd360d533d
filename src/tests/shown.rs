//! Whatever is served is shown: each module, field and placeholder of the code's tables stands in a case that runs.

use std::collections::BTreeSet;

use caddis_source::Sources;
use caddis_spec::Script;
use caddis_testkit::golden::{adapt_text, files, root};
use caddis_testkit::shared::say;
use caddis_testkit::side_by_side::{Case, Config};
use serde_json::Value;

/// What the comparison with Caddy cannot show, and the test that shows it.
const ELSEWHERE: &[(&str, &str)] = &[];

/// So much is compared with the real Caddy, at least.
const MIN_REQUESTS: usize = 400;
const MIN_CONFIGS: usize = 120;

#[test]
fn every_part_of_the_json_that_is_served_stands_in_a_case() {
    let configs: Vec<_> = configs().iter().map(json).collect();
    let parts = caddis_server::shown(&configs);
    assert!(parts.len() > 100, "the table is read");
    let missing: Vec<_> = parts
        .iter()
        .filter(|(part, shown)| !shown && !is_shown_elsewhere(part))
        .map(|(part, _)| part.as_str())
        .collect();
    assert!(
        missing.is_empty(),
        "no case has these:\n{}",
        missing.join("\n")
    );
}

#[test]
fn what_is_shown_elsewhere_is_there_and_is_served() {
    let parts = caddis_server::shown(&[]);
    for (part, file) in ELSEWHERE {
        assert!(
            parts.iter().any(|(known, _)| known.ends_with(part)),
            "{part} is not in the table"
        );
        assert!(root().join(file).exists(), "{part}: there is no {file}");
    }
}

#[test]
fn every_short_placeholder_that_is_filled_stands_in_a_case() {
    let configs = configs();
    let missing: BTreeSet<_> = caddis_adapt::placeholders()
        .iter()
        .filter(|placeholder| caddis_server::fills(placeholder.long))
        .filter(|placeholder| {
            let written = ["{", placeholder.short].concat();
            let long = ["{", placeholder.long].concat();
            let mut texts = configs.iter().map(Written::text);
            !texts.any(|text| text.contains(&written) || text.contains(&long))
        })
        .map(|placeholder| placeholder.short)
        .collect();
    assert!(missing.is_empty(), "no case has these: {missing:?}");
}

#[test]
fn enough_is_compared_with_the_real_caddy() {
    let cases = side_by_side();
    let requests: usize = cases.iter().map(|case| case.exchanges.len()).sum();
    say(&format!(
        "{requests} requests to {} configs are compared with the real Caddy",
        cases.len()
    ));
    assert!(requests >= MIN_REQUESTS && cases.len() >= MIN_CONFIGS);
}

/// A config as it is written, and how its text becomes JSON.
enum Written {
    Caddyfile(String),
    Json(String),
}

impl Written {
    fn text(&self) -> &str {
        match self {
            Self::Caddyfile(text) | Self::Json(text) => text,
        }
    }
}

fn is_shown_elsewhere(part: &str) -> bool {
    ELSEWHERE.iter().any(|(known, _)| part.ends_with(known))
}

fn json(config: &Written) -> Value {
    match config {
        Written::Caddyfile(text) => {
            let outcome = adapt_text("Caddyfile", text, &|_| None);
            caddis_ir::value(&outcome.adapted.config)
        }
        Written::Json(text) => serde_json::from_str(text).expect("the case is JSON"),
    }
}

fn side_by_side() -> Vec<Case> {
    let paths = files(&root().join("testdata/side_by_side"), ".requests");
    let cases = paths.iter().map(|path| Case::read(path));
    cases.collect::<Result<_, _>>().expect("cases can be read")
}

/// The configs of all cases: those that are run beside Caddy, and those of scripts.
fn configs() -> Vec<Written> {
    let mut configs: Vec<_> = side_by_side()
        .into_iter()
        .map(|case| match case.config {
            Config::Caddyfile(text) => Written::Caddyfile(text),
            Config::Json(text) => Written::Json(text),
        })
        .collect();
    for path in files(&root().join("testdata/serve"), ".ctest") {
        let script = Script::read(&path, &mut Sources::new()).expect("scripts can be read");
        configs.push(Written::Caddyfile(script.config().to_owned()));
    }
    configs
}
