//! The turns: each server at each job, one after the other, several times.

use std::time::{Duration, Instant};

use crate::args::Args;
use crate::check::check;
use crate::connect::World;
use crate::job::Job;
use crate::load::Load;
use crate::server::Server;
use crate::{Failure, processes, report};

/// How long clients work before it counts.
const WARM_UP: Duration = Duration::from_millis(500);

/// What was measured of one server in one turn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn {
    /// CPU time of all its processes, for each request or token, in microseconds.
    pub(crate) cpu: f64,
    /// Requests or tokens in a second.
    pub(crate) rate: f64,
    /// What half of them took at most, in microseconds.
    pub(crate) p50: f64,
    /// What 99 of 100 took at most, in microseconds.
    pub(crate) p99: f64,
    /// The memory of all its processes, in MiB.
    pub(crate) memory: f64,
}

/// The turns at one job: by server, then by round.
#[derive(Debug)]
pub(crate) struct Measured {
    /// What was done.
    pub(crate) job: Job,
    /// In the order of the servers.
    pub(crate) turns: Vec<Vec<Turn>>,
}

/// Measures everything that the command line asks for.
pub(crate) async fn run(
    args: &Args,
    servers: &[Server],
    world: &World,
) -> Result<Vec<Measured>, Failure> {
    let mut all = Vec::new();
    for &job in args.jobs() {
        for server in servers {
            check(job, server, world).await?;
        }
        let mut turns = vec![Vec::new(); servers.len()];
        for round in 1..=args.rounds {
            report::progress(&format!(
                "{}: round {round} of {}",
                job.title(),
                args.rounds
            ));
            for (server, turns) in servers.iter().zip(&mut turns) {
                let turn = turn(job, server, world, args.seconds).await;
                turns.push(turn.map_err(|error| format!("{}: {error}", server.name))?);
            }
        }
        all.push(Measured { job, turns });
    }
    Ok(all)
}

async fn turn(job: Job, server: &Server, world: &World, seconds: u32) -> Result<Turn, Failure> {
    let load = Load::start(job, server, world).await?;
    tokio::time::sleep(WARM_UP).await;
    let before = processes::cpu(server.id())?;
    let began = Instant::now();
    load.open();
    tokio::time::sleep(Duration::from_secs(seconds.into())).await;
    load.close();
    let took = began.elapsed();
    let used = processes::cpu(server.id())?.saturating_sub(before);
    let memory = processes::resident(server.id())?;
    let times = load.finish().await?;
    let count = u32::try_from(times.len())?;
    if count == 0 {
        return Err("nothing was answered".into());
    }
    let microseconds = |time: Duration| time.as_secs_f64() * 1e6;
    Ok(Turn {
        cpu: microseconds(used) / f64::from(count),
        rate: f64::from(count) / took.as_secs_f64(),
        p50: microseconds(times[times.len() / 2]),
        p99: microseconds(times[times.len() * 99 / 100]),
        memory: f64::from(u32::try_from(memory)?) / 1024.0,
    })
}
