//! `cargo run --release -p caddis-bench`: what a request costs caddis, Caddy and nginx.

mod args;
mod attacks;
mod authority;
mod backend;
mod check;
mod connect;
mod job;
mod load;
mod processes;
mod programs;
mod report;
mod requests;
mod rounds;
mod server;
mod streams;
mod table;

use std::error::Error;
use std::process::ExitCode;

use clap::Parser;

use args::Args;

/// Why there is no result: said once, to the person who started the benchmark.
type Failure = Box<dyn Error + Send + Sync>;

fn main() -> ExitCode {
    if let Some(code) = attacks::asked() {
        return code;
    }
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::progress(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<(), Failure> {
    let programs = programs::find(args)?;
    let load = processes::load_of_the_machine()?;
    let folder = tempfile::tempdir()?;
    let backend = backend::Backend::start()?;
    let authority = authority::write(folder.path())?;
    let mut servers = Vec::new();
    for program in &programs {
        servers.push(server::start(program, folder.path(), backend.port)?);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let world = connect::World {
        roots: authority,
        began: backend.began,
    };
    let results = runtime.block_on(rounds::run(args, &servers, &world))?;
    report::table(&table::markdown(args, &load, &programs, &results));
    Ok(())
}
