//! The command line of the benchmark.

use std::path::PathBuf;

use clap::Parser;

use crate::job::Job;

/// What a request costs: caddis, Caddy and nginx at the same job, in turns.
#[derive(Debug, Parser)]
#[command(name = "caddis-bench")]
pub(crate) struct Args {
    /// What is measured; all jobs if left out
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) jobs: Vec<Job>,
    /// How often each server has its turn at each job
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: u32,
    /// How long a turn is measured, in seconds
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) seconds: u32,
    /// The release binary of caddis; built first if left out
    #[arg(long, value_name = "FILE")]
    pub(crate) caddis: Option<PathBuf>,
    /// Another caddis, to see what a change does
    #[arg(long, value_name = "FILE")]
    pub(crate) before: Option<PathBuf>,
    /// The real Caddy; `CADDY` or what `.ci/get-caddy` fetches if left out
    #[arg(long, value_name = "FILE")]
    pub(crate) caddy: Option<PathBuf>,
    /// nginx, as Debian's nginx-light has it
    #[arg(long, value_name = "FILE", default_value = "nginx")]
    pub(crate) nginx: PathBuf,
    /// Only caddis, and the other caddis of `--before`
    #[arg(long)]
    pub(crate) alone: bool,
}

impl Args {
    /// The jobs to measure.
    pub(crate) fn jobs(&self) -> &[Job] {
        if self.jobs.is_empty() {
            Job::ALL
        } else {
            &self.jobs
        }
    }
}
