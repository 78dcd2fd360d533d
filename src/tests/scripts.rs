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
    println!("{said}");
    assert!(output.status.success(), "see above; {wrong}");
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
