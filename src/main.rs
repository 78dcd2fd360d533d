//! caddis: a drop-in replacement for the Caddy web server.

mod adapter;
mod admin_client;
mod background;
mod cli;
mod cli_lint;
mod cli_proxy;
mod cli_quick;
mod cli_server;
mod cli_trust;
mod commands;
mod descriptors;
mod envfile;
mod environment;
mod input;
mod name;
mod report;
mod supervisor;
mod text;
mod trust;
mod usage;
mod variables;

use std::process::ExitCode;

use tikv_jemallocator::Jemalloc;

use crate::name::Name;
use crate::report::{Failure, Io};

/// Requests come with buffers of 8 KiB, for which glibc's allocator has no short way.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    let name = Name::of(std::env::args_os().next());
    let (io, ended) = match usage::parse(std::env::args_os(), name) {
        Ok(cli) => {
            let io = Io::new(cli.diagnostics, name);
            let ended = commands::run(cli, &io);
            (io, ended)
        }
        Err(failure) => (Io::new(cli::Form::Full, name), Err(failure)),
    };
    ended
        .unwrap_or_else(|failure: Failure| io.fail(&failure))
        .into()
}
