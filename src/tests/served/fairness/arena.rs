//! A server whose streams are listened to while somebody attacks it.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends with the trouble that it met, and says how much it did"
)]

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::attackers::Count;
use crate::asker::{Asker, Trouble, Way};
use crate::faults::{descriptors, memory};
use crate::server::{PATIENCE, Server};
use crate::stage::Stage;

/// How many streams are listened to over each way.
const STREAMS: usize = 14;
/// How long an attack goes on, at least, and how often somebody speaks meanwhile.
const ATTACK: Duration = Duration::from_millis(1500);
const SPEAK: Duration = Duration::from_millis(20);
/// How many lines may be under way: the stage has room for more.
const UNDER_WAY: usize = 32;
/// How much more memory there may be: far less than what is sent.
const GROWTH: usize = 96 << 20;
/// How many more descriptors there may be when all attackers are gone: connections that are kept for the next request.
const KEPT: usize = 16;

/// Where the server is attacked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ports {
    pub(super) plain: u16,
    pub(super) tls: u16,
}

/// The server, what is behind it, and who listens.
pub(super) struct Arena {
    pub(super) server: Server,
    stage: Stage,
    audience: JoinSet<Result<usize, Trouble>>,
    heard: Arc<AtomicUsize>,
    said: usize,
}

/// What the server takes.
#[derive(Clone, Copy, Debug)]
struct Taken {
    memory: usize,
    descriptors: usize,
}

impl Taken {
    fn by(server: &Server) -> Self {
        Self {
            memory: memory(server.id()),
            descriptors: descriptors(server.id()),
        }
    }
}

impl Arena {
    pub(super) async fn open() -> Self {
        let stage = Stage::open().await;
        let all = format!(
            "\troute /private {{\n\t\tbasic_auth {{\n\t\t\tada {hash}\n\t\t}}\n\t\trespond in\n\t}}\n\
             \troute /limited {{\n\t\trate_limit {{\n\t\t\tzone keys {{\n\t\t\t\tkey {{query.k}}\n\t\t\t\tevents 1\n\t\t\t\twindow 1h\n\
             \t\t\t}}\n\t\t}}\n\t\trespond ok\n\t}}\n\treverse_proxy {address}\n",
            hash = hash(),
            address = stage.address
        );
        let server = Server::start(&format!(
            "http://localhost {{\n{all}}}\nhttps://localhost {{\n{all}}}\n"
        ));
        let mut arena = Self {
            server,
            stage,
            audience: JoinSet::new(),
            heard: Arc::default(),
            said: 0,
        };
        for protocol in ["", "http/1.1", "h2"] {
            let way = arena.way(protocol);
            for _ in 0..STREAMS {
                let asker = Asker::connect(&way).await.unwrap();
                let mut lines = asker.lines("/lines").await.unwrap();
                let heard = Arc::clone(&arena.heard);
                arena.audience.spawn(async move {
                    let mut next = 0;
                    while let Some(line) = lines.next().await? {
                        if line != format!("line {next}") {
                            return Err(format!("`{line}` comes in place of line {next}"));
                        }
                        next += 1;
                        heard.fetch_add(1, Relaxed);
                    }
                    Ok(next)
                });
            }
        }
        arena
    }

    pub(super) fn ports(&self) -> Ports {
        Ports {
            plain: self.server.http,
            tls: self.server.https,
        }
    }

    fn way(&self, protocol: &str) -> Way {
        let tls = |protocol| Way::tls(&self.server.root(), protocol);
        match protocol {
            "" => Way::Plain(self.server.http),
            "h2" => Way::Tls2(self.server.https, tls(protocol)),
            _ => Way::Tls(self.server.https, tls(protocol)),
        }
    }

    /// Speaks while somebody attacks; all is as it was when he is gone. He has to do as much as he wants to do.
    pub(super) async fn attacked<F>(mut self, least: usize, attack: impl FnOnce(Ports, Count) -> F)
    where
        F: Future<Output = ()> + Send + 'static,
    {
        self.speak(Duration::from_millis(200), || true).await;
        let before = Taken::by(&self.server);
        let count = Count::default();
        let attacking = tokio::spawn(attack(self.ports(), count.clone()));
        self.speak(ATTACK, || count.get() >= least).await;
        let during = Taken::by(&self.server);
        println!(
            "{} of it; {before:?} before, {during:?} meanwhile",
            count.get()
        );
        assert!(count.get() >= least, "the attack is none");
        assert!(
            during.memory <= before.memory + GROWTH,
            "{before:?}, {during:?}"
        );
        attacking.abort();
        let ended = attacking.await.unwrap_err();
        assert!(ended.is_cancelled(), "{ended}");
        for protocol in ["", "http/1.1", "h2"] {
            let asker = Asker::connect(&self.way(protocol)).await.unwrap();
            assert_eq!(asker.get("/").await.unwrap().status(), 200);
        }
        self.wait_for_descriptors(before.descriptors + KEPT).await;
        self.finish().await;
    }

    /// Says lines for so long, and until it is enough.
    async fn speak(&mut self, least: Duration, is_enough: impl Fn() -> bool) {
        let start = Instant::now();
        loop {
            assert!(start.elapsed() < PATIENCE * 2, "it takes too long");
            let listeners = self.audience.len();
            // A line for each of them may wait here, but not for ever.
            if self.heard.load(Relaxed) + UNDER_WAY * listeners > self.said * listeners {
                assert_eq!(self.stage.say(&format!("line {}", self.said)), listeners);
                self.said += 1;
            }
            tokio::time::sleep(SPEAK).await;
            if start.elapsed() >= least && is_enough() {
                return;
            }
            if let Some(ended) = self.audience.try_join_next() {
                panic!("a stream has ended: {:?}", ended.unwrap());
            }
        }
    }

    async fn wait_for_descriptors(&self, most: usize) {
        let start = Instant::now();
        while descriptors(self.server.id()) > most {
            let now = descriptors(self.server.id());
            assert!(start.elapsed() < PATIENCE, "{now} descriptors, not {most}");
            tokio::time::sleep(SPEAK).await;
        }
    }

    /// Every stream ends as streams end, and has lost nothing.
    async fn finish(mut self) {
        self.stage.end();
        while let Some(ended) = self.audience.join_next().await {
            assert_eq!(ended.unwrap(), Ok(self.said));
        }
        assert!(
            !self.server.log().contains("panicked"),
            "{}",
            self.server.log()
        );
    }
}

/// The hash of `pw`, with enough work that guesses form a line; made once.
fn hash() -> &'static str {
    static MADE: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    MADE.get_or_init(|| {
        let mut command = std::process::Command::new(crate::server::program());
        command.args(["hash-password", "--bcrypt-cost", "10", "--plaintext", "pw"]);
        let output = command.output().unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    })
}

/// An address of this machine that nobody attacks from.
pub(super) const ELSEWHERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);
