//! A turn in which clients work for some seconds.

use std::time::Duration;

use crate::connect::Connector;
use crate::job::Job;
use crate::load::{Load, Seen};
use crate::measure::{Figures, Measure};
use crate::processes::{self, Used};
use crate::server::Server;
use crate::statistics::{number, percentile};
use crate::{Failure, World};

/// How long clients work before it counts.
const WARM_UP: Duration = Duration::from_millis(500);

/// What a server used, and what clients saw of it.
pub(crate) async fn steady(job: &Job, server: &Server, world: &World) -> Result<Figures, Failure> {
    let connector = Connector::new(job.work.over(), &server.place, &world.roots)?;
    let load = Load::start(job.work, job.setup, &connector, world.began).await?;
    tokio::time::sleep(WARM_UP).await;
    let before = Used::by(server.id())?;
    let opened = load.open();
    tokio::time::sleep(job.work.turn(world.turn)).await;
    let used = Used::by(server.id())?.since(&before);
    load.close();
    let took = opened.elapsed();
    let memory = processes::resident(server.id())?;
    let (_, each) = job.work.unit();
    let seen = load.finish().await?;
    let mut figures = figures(&seen, took, each)?;
    let count = number(seen.times.len()) * each;
    figures.insert(Measure::Cpu, microseconds(used) / count);
    figures.insert(Measure::Memory, memory);
    Ok(figures)
}

/// The same without any server between clients and backend.
pub(crate) async fn direct(job: &Job, world: &World) -> Result<Figures, Failure> {
    let connector = Connector::direct(world.backend);
    let load = Load::start(job.work, job.setup, &connector, world.began).await?;
    tokio::time::sleep(WARM_UP).await;
    let opened = load.open();
    tokio::time::sleep(world.turn).await;
    load.close();
    let took = opened.elapsed();
    figures(&load.finish().await?, took, 1.0)
}

fn figures(seen: &Seen, took: Duration, each: f64) -> Result<Figures, Failure> {
    let mut figures = Figures::new();
    let rate = number(seen.times.len()) * each / took.as_secs_f64();
    figures.insert(Measure::Rate, rate);
    let of = |times: &[Duration], of_a_hundred| percentile(times, of_a_hundred).map(microseconds);
    let p50 = of(&seen.times, 50).ok_or("nothing was answered")?;
    figures.insert(Measure::P50, p50);
    figures.extend(of(&seen.times, 99).map(|time| (Measure::P99, time)));
    figures.extend(of(&seen.first_tokens, 50).map(|time| (Measure::FirstToken, time)));
    Ok(figures)
}

fn microseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
