//! Every script under `testdata/serve`, by the command that users have: on the tree in process, and over sockets.

use std::process::Command;

/// Runs `caddis test` on the scripts, and expects that it says nothing but how many passed.
fn check(flags: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_caddis"))
        .args(["test", "testdata/serve"])
        .args(flags)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("the program was built with the tests");
    let said = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{wrong}");
    assert!(said.contains(" passed"), "{said}");
}

#[test]
fn every_script_passes_in_process() {
    check(&[]);
}

#[test]
fn every_script_passes_over_sockets() {
    check(&["--wire", "--server", env!("CARGO_BIN_EXE_caddis")]);
}

#[test]
fn the_script_of_the_readme_passes() {
    let readme = include_str!("../../crates/caddis-spec/README.md");
    let script = readme.split("```").nth(1).expect("the page shows a script");
    let folder = tempfile::tempdir().expect("a folder for the script");
    let path = folder.path().join("readme.ctest");
    std::fs::write(&path, script.trim_start()).expect("the folder is ours");
    let output = Command::new(env!("CARGO_BIN_EXE_caddis"))
        .arg("test")
        .arg(&path)
        .output()
        .expect("the program was built with the tests");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "2 passed\n");
}
