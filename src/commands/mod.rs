//! The commands, a file each.

mod adapt;
mod completion;
mod environ;
mod file_server;
mod fmt;
mod hash_password;
mod lint;
mod list_modules;
mod manpage;
mod quick;
mod reload;
mod respond;
mod reverse_proxy;
mod run;
mod start;
mod stop;
mod test;
mod trust;
mod untrust;
mod validate;
mod version;

use crate::cli::{Cli, Command};
use crate::report::{Failure, Io, Outcome};

/// Does what the command line asks for.
pub(crate) fn run(cli: Cli, io: &Io) -> Result<Outcome, Failure> {
    match cli.command {
        Some(Command::Run(args)) => run::run(&args, io),
        Some(Command::Start(args)) => start::run(&args, io),
        Some(Command::Stop(args)) => stop::run(&args, io),
        Some(Command::Reload(args)) => reload::run(&args, io),
        Some(Command::ReverseProxy(args)) => reverse_proxy::run(&args, io),
        Some(Command::FileServer(args)) => file_server::run(&args, io),
        Some(Command::Adapt(args)) => adapt::run(&args, io),
        Some(Command::Validate(args)) => validate::run(&args, io),
        Some(Command::Lint(args)) => lint::run(&args, io),
        Some(Command::Fmt(args)) => fmt::run(&args, io),
        Some(Command::Environ(args)) => environ::run(&args, io),
        Some(Command::Respond(args)) => respond::run(&args, io),
        Some(Command::HashPassword(args)) => hash_password::run(args, io),
        Some(Command::Trust(args)) => trust::run(&args, io),
        Some(Command::Untrust(args)) => untrust::run(&args, io),
        Some(Command::Test(args)) => test::run(&args, io),
        Some(Command::Completion(args)) => completion::run(&args, io),
        Some(Command::Manpage(args)) => manpage::run(&args, io),
        Some(Command::ListModules(args)) => list_modules::run(&args, io),
        Some(Command::Version(_) | Command::Other(_)) | None => version::run(io),
    }
}
