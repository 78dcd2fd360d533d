//! Every config that adapts is built, or refused with errors that lead back to the text.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use caddis_server::{BuildError, Environment, Network, build, build_in_process};
use caddis_testkit::golden::{Outcome, adapt_file, files, root};

fn environment(data: &Path) -> Environment {
    Environment {
        place: None,
        variable: Arc::new(|_: &str| None),
        dial: Arc::new(Network::default()),
        passwords: None,
        shutdown: std::sync::Arc::default(),
        data_dir: data.to_path_buf(),
        mapped: std::sync::Arc::default(),
        workers: 1,
    }
}

/// What is in a folder.
fn names(folder: &Path) -> BTreeSet<OsString> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    entries
        .map(|entry| entry.expect("its entries can be read").file_name())
        .collect()
}

/// The errors whose place in the text is not known.
fn lost(outcome: &Outcome, errors: &[BuildError]) -> Vec<String> {
    let origins = &outcome.adapted.origins;
    let lost = errors
        .iter()
        .filter(|error| origins.span(&error.path).is_none());
    lost.map(|error| format!("{:?}: {}", error.path, error.message))
        .collect()
}

#[test]
fn configs_are_built_or_refused_at_a_place_in_the_text() {
    let data = tempfile::TempDir::new().unwrap();
    let environment = environment(data.path());
    let before = names(&root());
    let (mut built, mut wrong) = (0, Vec::new());
    for file in files(&root().join("testdata/adapt"), ".caddyfile") {
        let outcome = adapt_file(&file);
        if outcome.is_refused() {
            continue;
        }
        let config = &outcome.adapted.config;
        for result in [
            build(config, &environment),
            build_in_process(config, &environment),
        ] {
            match result {
                Ok(_) => built += 1,
                Err(errors) => {
                    assert!(!errors.is_empty(), "{} fails in silence", file.display());
                    let lost = lost(&outcome, &errors).into_iter();
                    wrong.extend(lost.map(|error| format!("{}: {error}", file.display())));
                }
            }
        }
    }
    assert!(built > 100, "only {built} were built");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Whom upstreams are verified with may be the server's own authority, which is made for that as in Caddy.
    let left = names(data.path()).into_iter();
    let left: Vec<_> = left.filter(|name| name != "pki").collect();
    assert!(left.is_empty(), "building wrote {left:?}");
    assert_eq!(names(&root()), before, "building wrote a file here");
}
