//! Formatted texts, compared with those that `caddy fmt` writes.

#![expect(
    clippy::unwrap_used,
    reason = "clippy knows test functions, not the functions they call"
)]

use std::path::{Path, PathBuf};
use std::process::Command;

use caddis_syntax::format;
use caddis_testkit::golden::{adapt_text, files, root};
use caddis_testkit::variables::{self, Variables};
use caddis_testkit::{parallel, shared};

/// Files that Caddy formats otherwise, by the end of their path, each with the reason why caddis does not follow.
const DIFFERENT: &[(&str, &str)] = &[
    (
        "210.Caddyfile",
        "`caddy fmt` moves a brace into a word in backquotes",
    ),
    (
        "heredoc_missing_marker.caddyfiletest",
        "`caddy fmt` takes the space after `<<` away, and makes a heredoc of a word",
    ),
    (
        "shortcut_in_a_block.caddyfile",
        "`caddy fmt` moves a brace into a word in backquotes",
    ),
    (
        "expression/within_not_it_has_no_name.caddyfile",
        "`caddy fmt` moves a brace into a word in backquotes",
    ),
    (
        "hardly_a_field.caddyfile",
        "`caddy fmt` takes the space after `<` away, and makes one word of two",
    ),
    (
        "curly_delimiters.caddyfile",
        "`caddy fmt` makes a block of the words `{{` and `}}`",
    ),
];

#[test]
fn texts_of_the_table_are_formatted_as_caddy_does() {
    let Some(table) = shared::json("conformance/fmt.json") else {
        return;
    };
    let cases = table.as_array().unwrap();
    for case in cases {
        let formatted = format(case["input"].as_str().unwrap());
        assert_eq!(formatted, case["expect"].as_str().unwrap(), "{case}");
    }
    shared::say(&format!(
        "{} texts are formatted as Caddy does",
        cases.len()
    ));
}

#[test]
fn configs_are_formatted_as_caddy_does() {
    let configs = configs();
    let as_listed = parallel::each(&configs, |path| {
        let text = text_of(path);
        let known = DIFFERENT.iter().any(|(file, _)| path.ends_with(file));
        (format(&text) == caddy_fmt(&text)) != known
    });
    let compared = configs.len();
    let different = configs.iter().zip(as_listed);
    let different: Vec<_> = different
        .filter(|(_, as_listed)| !as_listed)
        .map(|(path, _)| path)
        .collect();
    shared::say(&format!(
        "{compared} configs compared with `caddy fmt`, {} of them known to differ",
        DIFFERENT.len()
    ));
    assert!(
        different.is_empty(),
        "formatted otherwise than listed: {different:?}"
    );
}

/// Every Caddyfile beside the repository and in it.
fn configs() -> Vec<PathBuf> {
    let beside = [("wild", ".Caddyfile"), ("conformance/adapt/open", "test")];
    let beside = beside.iter().filter_map(|(folder, ending)| {
        let folder = shared::path(folder)?.canonicalize().unwrap();
        Some(files(&folder, ending))
    });
    let mut configs: Vec<_> = beside.flatten().collect();
    configs.extend(files(&root().join("testdata"), ".caddyfile"));
    configs
}

/// What stands in a Caddyfile, or in the part of a case that is one.
fn text_of(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    text.split("----------").next().unwrap_or("").to_owned()
}

/// Formatting a config that adapts changes nothing of what it means, and nothing when it is done again.
#[test]
fn formatted_configs_adapt_as_they_did_before() {
    let mut same = 0;
    let mut wrong = Vec::new();
    for path in configs() {
        let text = text_of(&path);
        for variables in [variables::empty(&text), variables::plausible(&text)] {
            let Some(before) = adapted(&path, &text, &variables) else {
                continue;
            };
            let formatted = format(&text);
            let again = adapted(&path, &formatted, &variables);
            if again.as_ref() == Some(&before) && format(&formatted) == formatted {
                same += 1;
            } else {
                wrong.push(path.display().to_string());
            }
        }
    }
    shared::say(&format!(
        "{same} times a formatted config adapts as it did before"
    ));
    assert!(wrong.is_empty(), "means something else: {wrong:#?}");
    assert!(same > 500, "only {same} configs adapt");
}

/// The JSON of a config that is not refused.
fn adapted(path: &Path, text: &str, variables: &Variables) -> Option<String> {
    let environment = |name: &str| variables.get(name).cloned();
    let outcome = adapt_text(&path.display().to_string(), text, &environment);
    (!outcome.is_refused()).then(|| caddis_ir::compact(&outcome.adapted.config))
}

/// What the real Caddy makes of a text.
fn caddy_fmt(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Caddyfile");
    std::fs::write(&file, text).unwrap();
    let caddy = caddy();
    let output = Command::new(&caddy).arg("fmt").arg(&file).output();
    let output = output.unwrap_or_else(|error| {
        panic!(
            "{} does not run ({error}): set CADDY to a Caddy 2.11.4",
            caddy.display()
        )
    });
    String::from_utf8(output.stdout).unwrap()
}

/// `CADDY`, the one that the set-up of the repository puts in place, or the one on the path.
fn caddy() -> PathBuf {
    if let Some(path) = std::env::var_os("CADDY") {
        return path.into();
    }
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/caddy/usr/bin/caddy");
    if installed.exists() {
        return installed;
    }
    "caddy".into()
}

/// The cases of `testdata/fmt`; `CADDIS_RECORD=1` writes what the real Caddy answers.
#[test]
fn recorded_cases_are_formatted_as_caddy_did() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/fmt");
    let mut inputs: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "caddyfile"))
        .collect();
    inputs.sort();
    assert!(
        inputs.len() > 10,
        "the recorded cases are not where they should be"
    );
    for input in inputs {
        let text = std::fs::read_to_string(&input).unwrap();
        let recorded = input.with_extension("formatted");
        if std::env::var_os("CADDIS_RECORD").is_some() {
            std::fs::write(&recorded, caddy_fmt(&text)).unwrap();
        }
        let expected = std::fs::read_to_string(&recorded).unwrap();
        assert_eq!(format(&text), expected, "{}", input.display());
    }
}
