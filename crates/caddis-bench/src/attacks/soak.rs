//! Everything at once for many minutes, with another config every 10 seconds: what it takes at the end is what it took
//! at the start.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http_body_util::BodyExt;

use super::backend::Backend;
use super::client::{Client, Way};
use super::command::{Soak, Trouble};
use super::guesses::PASSWORD;
use super::say;
use super::soak_clients::{Notes, begin};
use super::target::{Address, Target, Wanted, hash};
use super::watch::Look;

/// How often another config is loaded.
const RELOAD: Duration = Duration::from_secs(10);
const RELOADS_A_MINUTE: u64 = 6;

/// What was seen in a minute.
struct Minute {
    number: u64,
    look: Look,
    p50: Duration,
    p99: Duration,
    done: u64,
    failed: u64,
}

/// Runs for as long as it is asked to, and prints what was seen.
pub(super) fn run(args: &Soak) -> Result<(), Trouble> {
    let backend = Backend::start()?;
    let wanted = Wanted {
        backend: backend.port,
        hash: hash(&args.program, PASSWORD, Some("8"))?,
        limits: false,
    };
    let target = Target::start(&args.program, wanted)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let minutes = runtime.block_on(soak(args, &target))?;
    say::result(&table(&minutes));
    let failed = minutes.last().map_or(0, |minute| minute.failed);
    if failed > 0 {
        return Err(format!("{failed} failures; the server's log:\n{}", tail(&target)).into());
    }
    Ok(())
}

async fn soak(args: &Soak, target: &Target) -> Result<Vec<Minute>, Trouble> {
    let notes = Arc::new(Notes::default());
    let mut clients = begin(&target.address, &notes);
    let mut minutes = Vec::new();
    say::result("minute | MiB | descriptors | p50, µs | p99, µs | done | failed");
    for number in 1..=args.minutes {
        for reload in 0..RELOADS_A_MINUTE {
            tokio::time::sleep(RELOAD).await;
            let generation = number * RELOADS_A_MINUTE + reload;
            let config = target.config(usize::try_from(generation)?);
            if let Err(error) = load(&target.address, config).await {
                notes.failed("a load", &error);
            }
        }
        let minute = Minute::now(number, target, &notes)?;
        say::result(&minute.line());
        minutes.push(minute);
    }
    notes.stop();
    let ending = async { while clients.join_next().await.is_some() {} };
    if tokio::time::timeout(RELOAD, ending).await.is_err() {
        notes.failed("the end", &"a client still waits".into());
    }
    if let Ok(failures) = notes.failures.lock() {
        for failure in &*failures {
            say::result(failure);
        }
    }
    if let Some(last) = minutes.last_mut() {
        last.failed = notes.failed.load(Relaxed);
    }
    Ok(minutes)
}

/// Has another config served.
async fn load(address: &Address, config: String) -> Result<(), Trouble> {
    let admin = Address {
        plain: address.admin,
        ..address.clone()
    };
    let mut client = Client::connect(&admin, Way::Plain).await?;
    let fields = [("content-type", "text/caddyfile")];
    let body = Bytes::from(config);
    let answer = client.send(Method::POST, "/load", &fields, body).await?;
    let status = answer.status();
    let text = answer.into_body().collect().await?.to_bytes();
    if status == 200 {
        return Ok(());
    }
    Err(format!("{status}: {}", String::from_utf8_lossy(&text)).into())
}

impl Minute {
    fn now(number: u64, target: &Target, notes: &Notes) -> Result<Self, Trouble> {
        let mut latencies = match notes.latencies.lock() {
            Ok(mut latencies) => std::mem::take(&mut *latencies),
            Err(_) => Vec::new(),
        };
        latencies.sort_unstable();
        let at = |percent: usize| {
            let place = latencies.len() * percent / 100;
            latencies.get(place).copied().unwrap_or_default()
        };
        Ok(Self {
            number,
            look: Look::at(target.id())?,
            p50: at(50),
            p99: at(99),
            done: notes.done.load(Relaxed),
            failed: notes.failed.load(Relaxed),
        })
    }

    fn line(&self) -> String {
        format!(
            "{} | {} | {} | {} | {} | {} | {}",
            self.number,
            self.look.mebibytes(),
            self.look.descriptors,
            self.p50.as_micros(),
            self.p99.as_micros(),
            self.done,
            self.failed
        )
    }
}

/// The second minute, when all is warm, the one in the middle, and the last one.
fn table(minutes: &[Minute]) -> String {
    let mut text = String::from(
        "\n| | minute | memory, MiB | descriptors | p50, µs | p99, µs | requests, streams and messages so far | failures |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    let places = [
        ("start", 1.min(minutes.len().saturating_sub(1))),
        ("middle", minutes.len() / 2),
        ("end", minutes.len().saturating_sub(1)),
    ];
    for (name, place) in places {
        if let Some(minute) = minutes.get(place) {
            let line = minute.line();
            let _ = writeln!(text, "| {name} | {line} |");
        }
    }
    text
}

fn tail(target: &Target) -> String {
    let log = target.log();
    let lines: Vec<&str> = log.lines().collect();
    let from = lines.len().saturating_sub(20);
    lines.get(from..).unwrap_or_default().join("\n")
}
