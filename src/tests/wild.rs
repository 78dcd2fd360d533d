//! Caddyfiles that people have published: what the real Caddy finds valid, caddis finds valid too.

use std::path::{Path, PathBuf};
use std::process::Command;

use caddis_testkit::golden::files;
use caddis_testkit::oracle::Oracle;
use caddis_testkit::parallel;
use caddis_testkit::shared::{path, say};
use caddis_testkit::variables::{Variables, plausible};

/// What became of a file.
enum Outcome {
    /// Caddy refuses it.
    Invalid,
    Valid,
    /// Caddis refuses it.
    Refused(String),
}

#[test]
fn caddyfiles_that_caddy_finds_valid_are_valid() {
    let Some(folder) = path("wild") else { return };
    let Some(oracle) = Oracle::find() else {
        say("NOT COMPARED: no Caddy; set CADDY to its binary");
        return;
    };
    let folder = folder.canonicalize().expect("it is there");
    let paths = files(&folder, ".Caddyfile");
    let outcomes = parallel::each(&paths, |path| outcome(path, &oracle));
    let count = |is: fn(&Outcome) -> bool| outcomes.iter().filter(|one| is(one)).count();
    let valid = count(|outcome| matches!(outcome, Outcome::Valid));
    say(&format!(
        "Caddyfiles of other people: {valid} valid for both, {} invalid for Caddy",
        count(|outcome| matches!(outcome, Outcome::Invalid)),
    ));
    let refused: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Refused(why) => Some(why.as_str()),
            Outcome::Invalid | Outcome::Valid => None,
        })
        .collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
    assert!(valid > 50, "only {valid} were compared");
}

fn outcome(file: &PathBuf, oracle: &Oracle) -> Outcome {
    let text = std::fs::read(file).expect("the file can be read");
    let text = String::from_utf8_lossy(&text);
    let variables = plausible(&text);
    if validate(oracle.binary(), file, &variables).is_err() {
        return Outcome::Invalid;
    }
    match validate(Path::new(env!("CARGO_BIN_EXE_caddis")), file, &variables) {
        Ok(()) => Outcome::Valid,
        Err(why) => Outcome::Refused(format!("{}: {why}", file.display())),
    }
}

/// Asks a program in a folder of its own; the error is what it says.
fn validate(program: &Path, file: &Path, variables: &Variables) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let output = Command::new(program)
        .args(["validate", "--adapter", "caddyfile", "--config"])
        .arg(file)
        .current_dir(folder.path())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder.path())
        .envs(variables)
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}
