//! The turns: each server at each job, one after the other, several times.

use std::time::Instant;

use crate::args::Args;
use crate::check::check;
use crate::clients::login;
use crate::connect::Connector;
use crate::job::{Job, Work};
use crate::measure::{Figures, Measure};
use crate::programs::Program;
use crate::server::{self, Server};
use crate::works::{adapt, direct, idle, reload, steady};
use crate::{Failure, World, report, table};

/// A start is short: the quickest of so many, as others disturb it the least.
const STARTS: u32 = 5;

/// The turns at one job.
#[derive(Debug)]
pub(crate) struct Measured {
    /// What was done.
    pub(crate) job: &'static Job,
    /// By program, then by round; a turn that failed has no figures.
    pub(crate) turns: Vec<Vec<Figures>>,
}

/// All that was measured, and what could not be.
#[derive(Debug, Default)]
pub(crate) struct Results {
    /// In the order of the jobs.
    pub(crate) measured: Vec<Measured>,
    /// Who failed at what, and why.
    pub(crate) failures: Vec<String>,
}

/// Measures everything that the command line asks for.
pub(crate) async fn run(args: &Args, programs: &[Program], world: &World) -> Results {
    let mut results = Results::default();
    for job in args.jobs() {
        let rounds = args.rounds().min(job.most_rounds);
        let began = Instant::now();
        report::progress(&format!("{}: {rounds} rounds", job.title));
        let mut turns = vec![Vec::new(); programs.len()];
        let mut servers: Vec<Option<Server>> = programs.iter().map(|_| None).collect();
        for _ in 0..rounds {
            let straight = straight(job, world).await;
            for ((program, server), turns) in programs.iter().zip(&mut servers).zip(&mut turns) {
                let turn = turn(job, program, server, world).await;
                let mut figures = turn.unwrap_or_else(|error| {
                    let failure = format!("{} at {}: {error}", program.name, job.title);
                    report::progress(&failure);
                    results.failures.push(failure);
                    // What is left of it is not trusted with another turn.
                    *server = None;
                    Figures::new()
                });
                add_delay(&mut figures, &straight);
                turns.push(figures);
            }
        }
        let measured = Measured { job, turns };
        let lines = table::lines(programs, &measured);
        let took = began.elapsed().as_secs_f64();
        report::progress(&format!("{lines}  took {took:.0} s"));
        results.measured.push(measured);
    }
    results
}

async fn turn(
    job: &Job,
    program: &Program,
    server: &mut Option<Server>,
    world: &World,
) -> Result<Figures, Failure> {
    if let Work::Adapt(sites) = job.work {
        return adapt(sites, program, world.folder.as_path());
    }
    if job.work == Work::StartUp {
        return start_up(job, program, world);
    }
    let mut running = match server.take() {
        Some(server) => server,
        None => started(job, program, world).await?,
    };
    let figures = match job.work {
        Work::FirstLogin => {
            let connector = Connector::plain(running.place.plain, running.place.setup);
            let took = login(&connector).await?;
            Figures::from([(Measure::Clock, took.as_secs_f64() * 1000.0)])
        }
        Work::Idle(over) => idle(over, &running, world).await?,
        Work::Reload => reload(&mut running).await?,
        Work::Requests(..)
        | Work::Handshakes
        | Work::Streams(_)
        | Work::Uploads
        | Work::TooLarge
        | Work::Logins
        | Work::StartUp
        | Work::Adapt(_) => steady(job, &running, world).await?,
    };
    if !job.work.is_fresh() {
        *server = Some(running);
    }
    Ok(figures)
}

/// A server that is known to do the job. Where memory or the first login counts it is not asked before.
async fn started(job: &Job, program: &Program, world: &World) -> Result<Server, Failure> {
    let server = server::start(program, job.setup, world)?;
    if !matches!(job.work, Work::FirstLogin | Work::Idle(_)) {
        check(job, &server, world).await?;
    }
    Ok(server)
}

fn start_up(job: &Job, program: &Program, world: &World) -> Result<Figures, Failure> {
    let mut least = f64::INFINITY;
    for _ in 0..STARTS {
        let server = server::start(program, job.setup, world)?;
        least = least.min(server.took.as_secs_f64() * 1000.0);
    }
    Ok(Figures::from([(Measure::Clock, least)]))
}

/// What clients see of the backend itself, where that is compared.
async fn straight(job: &Job, world: &World) -> Figures {
    if job.rows.iter().all(|row| row.measure != Measure::AddedP99) {
        return Figures::new();
    }
    direct(job, world).await.unwrap_or_default()
}

fn add_delay(figures: &mut Figures, straight: &Figures) {
    let p99 = |figures: &Figures| figures.get(&Measure::P99).copied();
    if let (Some(through), Some(straight)) = (p99(figures), p99(straight)) {
        figures.insert(Measure::AddedP99, through - straight);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_proxy_adds_is_the_difference() {
        let mut through = Figures::from([(Measure::P99, 900.0)]);
        add_delay(&mut through, &Figures::from([(Measure::P99, 400.0)]));
        assert_eq!(through.get(&Measure::AddedP99), Some(&500.0));
    }

    #[test]
    fn nothing_is_added_to_what_was_not_measured() {
        let mut failed = Figures::new();
        add_delay(&mut failed, &Figures::from([(Measure::P99, 400.0)]));
        assert!(failed.is_empty());
    }
}
