//! `cargo oracle record [FILE…]`: writes what the real Caddy makes of the Caddyfiles in `testdata/adapt`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use caddis_testkit::golden::{files, root};
use caddis_testkit::oracle::{Answer, Oracle};

#[expect(clippy::print_stderr, reason = "a command line tool talks to its user")]
fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some("record") {
        eprintln!("usage: cargo oracle record [FILE…]");
        return ExitCode::FAILURE;
    }
    let Some(oracle) = Oracle::find() else {
        eprintln!("no Caddy: set CADDY to its binary");
        return ExitCode::FAILURE;
    };
    let mut cases: Vec<PathBuf> = arguments.map(PathBuf::from).collect();
    if cases.is_empty() {
        cases = files(&root().join("testdata/adapt"), ".caddyfile");
    }
    for case in &cases {
        if let Err(error) = record(&oracle, case) {
            eprintln!("{}: {error}", case.display());
            return ExitCode::FAILURE;
        }
    }
    eprintln!("{} cases recorded", cases.len());
    ExitCode::SUCCESS
}

/// Writes `.json` or `.error` beside a case, and takes away the one that is no longer true.
fn record(oracle: &Oracle, case: &Path) -> std::io::Result<()> {
    let (ending, other, text) = match oracle.adapt(case, &[])? {
        Answer::Json { pretty, .. } => ("json", "error", pretty),
        Answer::Error(error) => ("error", "json", error),
    };
    let stale = case.with_extension(other);
    if stale.exists() {
        fs::remove_file(stale)?;
    }
    let target = case.with_extension(ending);
    if fs::read_to_string(&target).is_ok_and(|known| known == text) {
        return Ok(());
    }
    fs::write(target, text)
}
