//! `cargo run --release -p caddis-bench`: what a request costs caddis, Caddy, nginx and HAProxy.

mod args;
mod attacks;
mod authority;
mod backend;
mod check;
mod clients;
mod configs;
mod connect;
mod job;
mod jobs;
mod load;
mod measure;
mod processes;
mod programs;
mod readme;
mod report;
mod rounds;
mod server;
mod statistics;
mod table;
mod wanted;
mod window;
mod works;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustls::RootCertStore;
use tokio::signal::unix::{SignalKind, signal};

use args::Args;

/// Why there is no result: said once, to the person who started the benchmark.
type Failure = Box<dyn Error + Send + Sync>;

/// What all turns have in common.
struct World {
    /// The authority of the servers' certificate.
    roots: RootCertStore,
    /// The port of the backend.
    backend: u16,
    /// From when the backend counts the times in its streams.
    began: Instant,
    /// How long a turn is.
    turn: Duration,
    /// The caddis that makes JSON of Caddyfiles.
    adapter: PathBuf,
    /// Where configs and certificates are.
    folder: PathBuf,
}

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
    let began = Instant::now();
    raise_limit_of_files()?;
    let backend = backend::Backend::start()?;
    let world = World {
        roots: authority::write(folder.path())?,
        backend: backend.port,
        began: backend.began,
        turn: Duration::from_secs(args.seconds.into()),
        adapter: programs.first().ok_or("nobody takes part")?.file.clone(),
        folder: folder.path().to_owned(),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    // Dropped in the middle, the servers end, too.
    let results = runtime.block_on(async {
        tokio::select! {
            results = rounds::run(args, &programs, &world) => Ok(results),
            stopped = stopped() => Err(stopped),
        }
    })?;
    let tables = table::markdown(args, &load, &programs, &results);
    report::table(&tables);
    report::progress(&format!("took {} s in all", began.elapsed().as_secs()));
    if args.readme {
        readme::overwrite(&tables)?;
    }
    Ok(())
}

/// Waits until somebody wants the benchmark to end.
async fn stopped() -> Failure {
    let (mut interrupt, mut terminate) = match (
        signal(SignalKind::interrupt()),
        signal(SignalKind::terminate()),
    ) {
        (Ok(interrupt), Ok(terminate)) => (interrupt, terminate),
        (Err(error), _) | (_, Err(error)) => return error.into(),
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    "stopped".into()
}

/// Ten thousand connections are as many files here, and in the servers, which inherit the limit.
fn raise_limit_of_files() -> Result<(), Failure> {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    Ok(setrlimit(Resource::Nofile, raised)?)
}
