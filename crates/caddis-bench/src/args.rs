//! The command line of the benchmark.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Parser, ValueEnum};

use crate::job::{Job, Over, Work};
use crate::jobs::{JOBS, named};

/// What a request costs: caddis, Caddy, nginx and HAProxy at the same job, in turns.
#[derive(Debug, Parser)]
#[command(name = "caddis-bench")]
pub(crate) struct Args {
    /// What is measured; all jobs if left out
    #[arg(long, value_delimiter = ',', value_name = "JOB", value_parser = PossibleValuesParser::new(JOBS.iter().map(|job| job.name)))]
    pub(crate) jobs: Vec<String>,
    /// Only what has a target, in five minutes: without HAProxy and without ten thousand handshakes
    #[arg(long, conflicts_with = "jobs")]
    pub(crate) quick: bool,
    /// Whom caddis is compared with; all if left out
    #[arg(long, value_enum, value_delimiter = ',', value_name = "PEER")]
    pub(crate) peers: Vec<Peer>,
    /// How often each server has its turn at each job: 3, or 2 if it is to be quick
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: Option<u32>,
    /// How long a turn is measured, in seconds
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..))]
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
    /// HAProxy, as Debian's haproxy has it
    #[arg(long, value_name = "FILE", default_value = "haproxy")]
    pub(crate) haproxy: PathBuf,
    /// Writes the tables into the README, too
    #[arg(long)]
    pub(crate) readme: bool,
}

/// Who may be compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Peer {
    /// The real Caddy
    Caddy,
    /// nginx
    Nginx,
    /// HAProxy
    Haproxy,
    /// Nobody: only caddis, and the other caddis of `--before`
    Nobody,
}

impl Args {
    /// The jobs to measure.
    pub(crate) fn jobs(&self) -> Vec<&'static Job> {
        if !self.jobs.is_empty() {
            return self.jobs.iter().filter_map(|name| named(name)).collect();
        }
        let is_quick = |job: &Job| job.has_targets() && job.work != Work::Idle(Over::Https1);
        let is_wanted = |job: &&Job| !self.quick || is_quick(job);
        JOBS.iter().filter(is_wanted).collect()
    }

    /// How often each server has its turn.
    pub(crate) fn rounds(&self) -> u32 {
        self.rounds.unwrap_or(if self.quick { 2 } else { 3 })
    }

    /// Whether somebody takes part.
    pub(crate) fn has(&self, peer: Peer) -> bool {
        if self.peers.is_empty() {
            return !(self.quick && peer == Peer::Haproxy);
        }
        self.peers.contains(&peer)
    }
}
