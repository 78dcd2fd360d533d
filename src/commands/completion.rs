//! `caddis completion`: a script that completes commands and flags in a shell.

use crate::cli::CompletionArgs;
use crate::report::{Failure, Io, Outcome};
use crate::usage;

/// Prints the script for the name that the program was called.
pub(crate) fn run(args: &CompletionArgs, io: &Io) -> Result<Outcome, Failure> {
    let mut command = usage::command(io.name);
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, io.name.word(), &mut script);
    io.print(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::SUCCESS)
}
