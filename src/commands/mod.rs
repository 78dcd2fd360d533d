//! The commands, a file each.

mod environ;
mod hash_password;
mod test;
mod version;

use crate::cli::{Cli, Command};
use crate::report::{Failure, Io, Outcome};
use crate::usage::absent;

/// Does what the command line asks for.
pub(crate) fn run(cli: Cli, io: &Io) -> Result<Outcome, Failure> {
    match cli.command {
        Some(Command::Run(_)) => Err(absent("`caddis run`")),
        Some(Command::Adapt(_)) => Err(absent("`caddis adapt`")),
        Some(Command::Validate(_)) => Err(absent("`caddis validate`")),
        Some(Command::Fmt(_)) => Err(absent("`caddis fmt`")),
        Some(Command::Environ(args)) => environ::run(&args, io),
        Some(Command::HashPassword(args)) => hash_password::run(args, io),
        Some(Command::Test(args)) => test::run(&args, io),
        Some(Command::Version(_) | Command::Other(_)) | None => version::run(io),
    }
}
