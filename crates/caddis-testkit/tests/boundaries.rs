//! The direction of dependencies between the workspace's crates.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// What each crate may use, of the workspace's own.
const ALLOWED: &[(&str, &[&str])] = &[
    ("caddis-source", &[]),
    ("caddis-ir", &[]),
    ("caddis-syntax", &["caddis-source"]),
    (
        "caddis-adapt",
        &["caddis-source", "caddis-syntax", "caddis-ir"],
    ),
    (
        "caddis-lint",
        &[
            "caddis-source",
            "caddis-syntax",
            "caddis-ir",
            "caddis-adapt",
        ],
    ),
    ("caddis-template", &[]),
    ("caddis-server", &["caddis-ir", "caddis-template"]),
    ("caddis-spec", &["caddis-source"]),
    ("caddis-bench", &[]),
    (
        "caddis",
        &[
            "caddis-source",
            "caddis-syntax",
            "caddis-ir",
            "caddis-adapt",
            "caddis-lint",
            "caddis-server",
            "caddis-spec",
        ],
    ),
    (
        "caddis-testkit",
        &[
            "caddis-source",
            "caddis-syntax",
            "caddis-ir",
            "caddis-adapt",
            "caddis-lint",
            "caddis-server",
            "caddis-spec",
        ],
    ),
];

/// Crates that only tests use.
const FOR_TESTS: &[&str] = &["caddis-testkit"];

#[test]
fn crates_use_only_what_lies_to_their_left() {
    let allowed: BTreeMap<_, _> = ALLOWED.iter().copied().collect();
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let ours: BTreeSet<_> = metadata
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    assert!(ours.contains("caddis-adapt"), "{ours:?}");
    for package in &metadata.packages {
        let name = package.name.as_str();
        let may = allowed
            .get(name)
            .unwrap_or_else(|| panic!("`{name}` is not in the table of crates"));
        for dependency in &package.dependencies {
            let used = dependency.name.as_str();
            let in_tests = dependency.kind == DependencyKind::Development;
            let is_allowed = may.contains(&used) || (in_tests && FOR_TESTS.contains(&used));
            assert!(
                !ours.contains(used) || is_allowed,
                "`{name}` may not use `{used}`"
            );
        }
    }
}
