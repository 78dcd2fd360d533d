//! 200 streams of tokens while somebody attacks: how late tokens are, what is lost, and what the server takes for it.

use std::fmt::Write as _;
use std::future::Future;
use std::net::Ipv4Addr;
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::backend::Backend;
use super::client::{Client, Way};
use super::command::{Attacks, Trouble};
use super::guesses::{LOGIN, PASSWORD};
use super::kinds::{Count, Kind};
use super::say;
use super::streams::{self, Read, Token};
use super::target::{Address, Target, Wanted, hash};
use super::watch::Look;

const PATIENCE: Duration = Duration::from_mins(1);
/// How often memory and descriptors are looked at.
const LOOK: Duration = Duration::from_millis(100);
/// How long after an attack they are looked at for the last time.
const REST: Duration = Duration::from_secs(3);

/// What an attack did.
struct Row {
    kind: Kind,
    done: u64,
    calm: Delays,
    attacked: Delays,
    lost: u64,
    before: Look,
    most: Look,
    after: Look,
    /// How long somebody else waited meanwhile, and with what status.
    other: String,
    /// The same afterwards.
    afterwards: String,
}

/// How late tokens were.
struct Delays {
    count: usize,
    p50: Duration,
    p99: Duration,
    most: Duration,
}

/// Tries everything, one after the other, and prints a table.
pub(super) fn run(args: &Attacks) -> Result<(), Trouble> {
    let hash = hash(&args.program, PASSWORD, None)?;
    let kinds = if args.only.is_empty() {
        &Kind::ALL[..]
    } else {
        &args.only
    };
    let mut rows = Vec::new();
    for kind in kinds {
        say::progress(kind.title());
        rows.push(attack(*kind, args, &hash)?);
    }
    say::result(&table(args, &rows));
    Ok(())
}

fn attack(kind: Kind, args: &Attacks, hash: &str) -> Result<Row, Trouble> {
    let backend = Backend::start()?;
    let wanted = Wanted {
        backend: backend.port,
        hash: hash.to_owned(),
        limits: kind == Kind::RateKeys,
    };
    let target = Target::start(&args.program, wanted)?;
    let (address, began) = (target.address.clone(), backend.began);
    let (open, opened) = mpsc::channel();
    let streams = apart({
        let address = address.clone();
        async move { streams::read(address, began, open).await }
    });
    if opened.recv_timeout(PATIENCE).is_err() {
        return Err(format!("the streams are not opened: {}", target.log()).into());
    }
    std::thread::sleep(Duration::from_secs(args.calm));
    let before = Look::at(target.id())?;
    let from = backend.began.elapsed();
    let (count, limit) = (Count::default(), Duration::from_secs(args.seconds));
    let attacking = apart({
        let (address, count) = (address.clone(), count.clone());
        async move {
            // It goes on until its time is over; an end before is one that it did not want.
            match tokio::time::timeout(limit, kind.attack(address, count)).await {
                Ok(ended) => ended.and(Err("the attack has ended too early".into())),
                Err(_) => Ok(()),
            }
        }
    });
    let other = apart(ask(address.clone(), kind, limit));
    let mut most = before;
    while !attacking.is_finished() {
        most = most.most(Look::at(target.id())?);
        std::thread::sleep(LOOK);
    }
    joined(attacking)?;
    let until = backend.began.elapsed();
    let afterwards = joined(apart(ask(address, Kind::Nothing, PATIENCE)))?;
    std::thread::sleep(REST);
    let after = Look::at(target.id())?;
    backend.end_streams();
    let Read { tokens, lost } = joined(streams)?;
    let during = |token: &&Token| token.sent >= from && token.sent < until;
    Ok(Row {
        kind,
        done: count.get(),
        calm: Delays::of(tokens.iter().filter(|token| token.sent < from)),
        attacked: Delays::of(tokens.iter().filter(during)),
        lost,
        before,
        most,
        after,
        other: joined(other)?,
        afterwards,
    })
}

/// Runs something on a thread and a runtime of its own.
fn apart<T: Send + 'static>(
    doing: impl Future<Output = Result<T, Trouble>> + Send + 'static,
) -> JoinHandle<Result<T, Trouble>> {
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let done = runtime.block_on(doing);
        runtime.shutdown_background();
        done
    })
}

fn joined<T>(thread: JoinHandle<Result<T, Trouble>>) -> Result<T, Trouble> {
    thread.join().map_err(|_| "a thread has panicked")?
}

/// Asks once, over a new connection, as somebody who has nothing to do with it.
async fn ask(address: Address, kind: Kind, limit: Duration) -> Result<String, Trouble> {
    // The attack is well under way by then.
    let (path, fields) = match kind {
        Kind::Passwords => ("/private", vec![("authorization", LOGIN)]),
        _ => ("/", Vec::new()),
    };
    if kind != Kind::Nothing {
        tokio::time::sleep(limit / 4).await;
    }
    let began = Instant::now();
    let asked = async {
        let mut client = match kind {
            Kind::Handshakes => Client::connect(&address, Way::Tls).await?,
            _ => Client::connect_from(Ipv4Addr::new(127, 0, 0, 9), &address).await?,
        };
        client.get(path, &fields).await
    };
    let said = match tokio::time::timeout(PATIENCE, asked).await {
        Ok(Ok((status, _))) => status.to_string(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => "nothing".to_owned(),
    };
    Ok(format!("{said} after {} ms", began.elapsed().as_millis()))
}

impl Delays {
    fn of<'a>(tokens: impl Iterator<Item = &'a Token>) -> Self {
        let mut delays: Vec<_> = tokens.map(|token| token.delay).collect();
        delays.sort_unstable();
        let at = |percent: usize| {
            let place = (delays.len() * percent / 100).min(delays.len().saturating_sub(1));
            delays.get(place).copied().unwrap_or_default()
        };
        Self {
            count: delays.len(),
            p50: at(50),
            p99: at(99),
            most: at(100),
        }
    }
}

fn table(args: &Attacks, rows: &[Row]) -> String {
    let mut text = format!(
        "{} streams of 20 tokens a second, half of them over TLS; {} s without an attack, {} s with it. Delays in ms.\n\n\
         | attack | done | p50 before | p99 before | p50 | p99 | most | tokens | lost | MiB before/most/after | descriptors before/most/after | another client | afterwards |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
        streams::STREAMS,
        args.calm,
        args.seconds
    );
    for row in rows {
        let Row {
            kind,
            done,
            calm,
            attacked,
            lost,
            ..
        } = row;
        let _ = writeln!(
            text,
            "| {} | {done} {} | {} | {} | {} | {} | {} | {} | {lost} | {}/{}/{} | {}/{}/{} | {} | {} |",
            kind.title(),
            kind.unit(),
            milliseconds(calm.p50),
            milliseconds(calm.p99),
            milliseconds(attacked.p50),
            milliseconds(attacked.p99),
            milliseconds(attacked.most),
            attacked.count,
            row.before.mebibytes(),
            row.most.mebibytes(),
            row.after.mebibytes(),
            row.before.descriptors,
            row.most.descriptors,
            row.after.descriptors,
            row.other,
            row.afterwards,
        );
    }
    text
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.2}", duration.as_secs_f64() * 1000.0)
}
