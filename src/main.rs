//! caddis: a drop-in replacement for the Caddy web server.

mod cli;
mod commands;
mod envfile;
mod environment;
mod input;
mod report;
mod usage;
mod variables;

use std::process::ExitCode;

use crate::report::{Failure, Io};

fn main() -> ExitCode {
    let (io, ended) = match usage::parse(std::env::args_os()) {
        Ok(cli) => {
            let io = Io::new(cli.diagnostics);
            let ended = commands::run(cli, &io);
            (io, ended)
        }
        Err(failure) => (Io::new(cli::Form::Full), Err(failure)),
    };
    ended
        .unwrap_or_else(|failure: Failure| io.fail(&failure))
        .into()
}
