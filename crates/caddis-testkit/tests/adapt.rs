//! Every Caddyfile of `testdata/adapt` against what the real Caddy made of it, one test per file and question.

use std::fs;
use std::path::Path;

use caddis_testkit::golden::{Outcome, adapt_file};
use serde_json::Value;

datatest_stable::harness! {
    { test = json_is_caddys, root = "../../testdata/adapt", pattern = r"\.caddyfile$" },
    { test = text_is_caddys_byte_for_byte, root = "../../testdata/adapt", pattern = r"\.caddyfile$" },
    { test = findings_are_the_reviewed_ones, root = "../../testdata/adapt", pattern = r"\.caddyfile$" },
    { test = words_said_to_be_caddys_are_caddys, root = "../../testdata/adapt", pattern = r"\.caddyfile$" },
    { test = config_can_be_read_back, root = "../../testdata/adapt", pattern = r"\.caddyfile$" },
}

/// Set to write the findings anew; the change is then to be read.
const UPDATE: &str = "UPDATE_FINDINGS";

/// What Caddy says since 2.11.4 in its own cases; the recorded one has other words.
const NEWER: &[&str] = &["too many arguments for 'handle_response'"];

/// Numbers that Caddy rounds: what is read back is what was written, and not what it was made of.
const ROUNDED: &str = "numbers/large_ones_in_modules.caddyfile";

fn json_is_caddys(path: &Path) -> datatest_stable::Result<()> {
    let outcome = adapt_file(path);
    if path.with_extension("error").exists() {
        assert!(outcome.is_refused(), "Caddy refuses it, caddis does not");
        return Ok(());
    }
    let expected = recorded(path)?;
    assert!(!outcome.is_refused(), "{}", outcome.findings());
    let ours: Value = serde_json::from_str(&caddis_ir::compact(&outcome.adapted.config))?;
    let expected: Value = serde_json::from_str(&expected)?;
    assert!(ours == expected, "ours:\n{ours:#}\nCaddy's:\n{expected:#}");
    Ok(())
}

fn text_is_caddys_byte_for_byte(path: &Path) -> datatest_stable::Result<()> {
    if path.with_extension("error").exists() {
        return Ok(());
    }
    let outcome = adapt_file(path);
    let ours = caddis_ir::pretty(&outcome.adapted.config) + "\n";
    assert_eq!(ours, recorded(path)?);
    // On one line it is written without a value, and has to be the same.
    let value = caddis_ir::value(&outcome.adapted.config);
    let compact = caddis_ir::compact(&outcome.adapted.config);
    assert_eq!(compact, caddis_ir::compact_value(&value));
    Ok(())
}

fn findings_are_the_reviewed_ones(path: &Path) -> datatest_stable::Result<()> {
    let found = findings(path, &adapt_file(path));
    let reviewed = path.with_extension("diag");
    let known = fs::read_to_string(&reviewed).unwrap_or_default();
    if found == known {
        return Ok(());
    }
    if std::env::var_os(UPDATE).is_none() {
        return Err(format!(
            "set {UPDATE}=1 to write them to {}, and read the change\nfound:\n{found}\nreviewed:\n{known}",
            reviewed.display()
        )
        .into());
    }
    if found.is_empty() {
        fs::remove_file(reviewed)?;
    } else {
        fs::write(reviewed, found)?;
    }
    Ok(())
}

/// Caddy stops at its first error, so one of ours has to hold what it says, if we claim to know it of the first.
fn words_said_to_be_caddys_are_caddys(path: &Path) -> datatest_stable::Result<()> {
    let outcome = adapt_file(path);
    let errors = outcome.diagnostics.iter().filter(|found| found.is_error());
    let errors: Vec<_> = errors.collect();
    if errors
        .first()
        .is_none_or(|first| first.caddys_words().is_none())
    {
        return Ok(());
    }
    let claimed: Vec<_> = errors
        .iter()
        .filter_map(|found| Some(found.caddys_words()?.message(&outcome.sources)))
        .map(|message| without_folder(path, &message))
        .collect();
    let newer = |claimed: &String| NEWER.iter().any(|words| claimed.contains(words));
    if claimed.first().is_some_and(newer) {
        return Ok(());
    }
    let said = fs::read_to_string(path.with_extension("error"))?;
    let true_ones = claimed.iter().filter(|claimed| said.contains(*claimed));
    assert!(true_ones.count() > 0, "claimed: {claimed:#?}\nsaid: {said}");
    Ok(())
}

fn config_can_be_read_back(path: &Path) -> datatest_stable::Result<()> {
    let config = adapt_file(path).adapted.config;
    let text = caddis_ir::compact(&config);
    let again = caddis_ir::read(&text)?;
    if path.ends_with(ROUNDED) {
        assert_eq!(caddis_ir::compact(&again), text);
    } else {
        assert_eq!(again, config);
    }
    Ok(())
}

fn recorded(path: &Path) -> Result<String, String> {
    fs::read_to_string(path.with_extension("json"))
        .map_err(|error| format!("{error}: run `cargo oracle record {}`", path.display()))
}

/// The findings without the folder in which the case lies.
fn findings(path: &Path, outcome: &Outcome) -> String {
    without_folder(path, &outcome.findings())
}

fn without_folder(path: &Path, text: &str) -> String {
    let folder = path.parent().map(Path::display);
    let folder = folder.map(|folder| format!("{folder}/"));
    folder.map_or_else(|| text.to_owned(), |folder| text.replace(&folder, ""))
}
