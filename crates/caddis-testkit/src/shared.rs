//! Test data that stands beside the repository, and is not part of it.

use std::io::Write as _;
use std::path::PathBuf;

/// Says something that is seen even when the test passes.
pub fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// A file or folder of the data beside the repository; says so when it is not there.
pub fn path(name: &str) -> Option<PathBuf> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    // A worktree may lie one folder deeper than the repository itself.
    let places = ["../shared", "../../shared"];
    let found = places
        .iter()
        .map(|place| root.join(place).join(name))
        .find(|path| path.exists());
    if found.is_none() {
        say(&format!(
            "NOT COMPARED: there is no ../shared/{name} beside the repository"
        ));
    }
    found
}

/// A JSON table of the data beside the repository.
pub fn json(name: &str) -> Option<serde_json::Value> {
    let text = std::fs::read_to_string(path(name)?).ok()?;
    serde_json::from_str(&text).ok()
}
