//! The command lines `attacks` and `soak`.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use rustix::process::{Resource, getrlimit, setrlimit};

use super::kinds::Kind;
use super::{fairness, say, soak};

/// Why there is no result.
pub(super) type Trouble = Box<dyn Error + Send + Sync>;

/// What attackers and broken clients cost the others.
#[derive(Debug, Parser)]
#[command(name = "caddis-bench")]
enum Asked {
    /// 200 streams of tokens while somebody attacks: what it does to them, and to the server
    Attacks(Attacks),
    /// Everything at once for many minutes, with another config every 10 seconds
    Soak(Soak),
}

/// The command line of `attacks`.
#[derive(Debug, clap::Args)]
pub(super) struct Attacks {
    /// The program that is attacked; the real Caddy understands the same config but for `rate-keys`
    #[arg(long, value_name = "FILE", default_value = "target/release/caddis")]
    pub(super) program: PathBuf,
    /// What is tried; everything if left out
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(super) only: Vec<Kind>,
    /// How long an attack lasts, in seconds
    #[arg(long, default_value_t = 10)]
    pub(super) seconds: u64,
    /// How long the streams are measured before
    #[arg(long, default_value_t = 5)]
    pub(super) calm: u64,
}

/// The command line of `soak`.
#[derive(Debug, clap::Args)]
pub(super) struct Soak {
    /// The program that is tried
    #[arg(long, value_name = "FILE", default_value = "target/release/caddis")]
    pub(super) program: PathBuf,
    /// How long
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) minutes: u64,
}

/// Runs what these programs are asked to, if they are asked to do anything.
pub(crate) fn asked() -> Option<ExitCode> {
    let first = std::env::args().nth(1)?;
    if first != "attacks" && first != "soak" {
        return None;
    }
    let done = match Asked::parse() {
        Asked::Attacks(attacks) => allow_many_files().and_then(|()| fairness::run(&attacks)),
        Asked::Soak(soak) => allow_many_files().and_then(|()| soak::run(&soak)),
    };
    Some(match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::progress(&format!("error: {error}"));
            ExitCode::FAILURE
        }
    })
}

/// Thousands of connections need as many descriptors.
fn allow_many_files() -> Result<(), Trouble> {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    Ok(setrlimit(Resource::Nofile, limit)?)
}
