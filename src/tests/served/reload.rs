//! One config after the other under load: no request fails, nothing that goes on is cut, nothing is left behind.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test ends with the trouble that it met, and says how much it did"
)]

use std::fmt::Write as _;
use std::fs;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use hyper::{Method, Response};

use crate::asker::{Asker, Lines, Socket, Way, whole};
use crate::load::{FIELD, Generations, Load};
use crate::server::{PATIENCE, Server, free_port, is_real_caddy};
use crate::stage::Stage;

/// How many streams go on all the time, over HTTP/1.1 and HTTP/2.
const STREAMS: usize = 50;
/// How many of them share a connection of HTTP/2.
const STREAMS_OF_A_CONNECTION: usize = 10;
/// How many sockets go on all the time.
const SOCKETS: usize = 10;
/// How many configs are loaded before the first measure.
const WARM_UP: usize = 6;
/// How many are loaded between the measures.
const RELOADS: usize = 100;
/// Routes that nobody asks for: a tree that is left behind would be seen.
const ROUTES: usize = 100;
/// How many requests are answered between two configs, at least.
const BETWEEN: usize = 30;
/// How much more memory there may be after all that.
const GROWTH: usize = 4 << 20;
const LOOK: Duration = Duration::from_millis(10);
/// How many looks in a row have to show the same.
const CALM: usize = 20;

#[test]
fn a_hundred_configs_under_load_cut_nothing_and_leave_nothing_behind() {
    if is_real_caddy() {
        println!(
            "not run: the real Caddy cuts WebSockets, and connections that come during a load"
        );
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut play = Play::begin().await;
        let idle = play.descriptors_at_rest();
        let mut held = Held::open(&play).await;
        play.reload(WARM_UP, &mut held).await;
        let before = play.measure();
        play.reload(RELOADS, &mut held).await;
        play.wait_for_descriptors(before.descriptors);
        let after = play.measure();
        println!("{before:?} before, {after:?} after {RELOADS} configs");
        assert!(
            after.memory <= before.memory + GROWTH,
            "memory grows: {before:?}, {after:?}"
        );
        held.end(&mut play.stage).await;
        play.load_next(Extra::Absent).await;
        play.wait_for_descriptors(idle);
    });
}

/// The server, what is behind it, and what was loaded.
struct Play {
    server: Server,
    stage: Stage,
    ports: Ports,
    ways: Vec<Way>,
    generations: Arc<Generations>,
    taken: TcpListener,
}

#[derive(Clone, Copy)]
struct Ports {
    admin: u16,
    plain: u16,
    tls: u16,
    extra: u16,
}

/// Whether a config has a listener that others do not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extra {
    Present,
    Absent,
}

#[derive(Clone, Copy, Debug)]
struct Measure {
    descriptors: usize,
    memory: usize,
}

impl Play {
    async fn begin() -> Self {
        let stage = Stage::open().await;
        let ports = Ports {
            admin: free_port(),
            plain: free_port(),
            tls: free_port(),
            extra: free_port(),
        };
        let config = config(0, ports, &stage, Extra::Absent);
        let server = Server::start_as_it_stands(&config, ports.plain, ports.tls);
        let tls = |protocol| Way::tls(&server.root(), protocol);
        let ways = vec![
            Way::Plain(ports.plain),
            Way::Tls(ports.tls, tls("http/1.1")),
            Way::Tls2(ports.tls, tls("h2")),
        ];
        Self {
            server,
            stage,
            ports,
            ways,
            generations: Arc::default(),
            taken: TcpListener::bind(("0.0.0.0", 0)).unwrap(),
        }
    }

    /// Loads so many configs under load, and one more without, and looks at what is held after each.
    async fn reload(&mut self, count: usize, held: &mut Held) {
        let mut load = Load::begin(&self.ways, &self.generations);
        let mut departing: Option<Lines> = None;
        for round in 0..count {
            self.wait_for_requests(&mut load).await;
            self.refuse_bad_configs(round).await;
            let extra = if round % 2 == 0 {
                Extra::Present
            } else {
                Extra::Absent
            };
            let generation = self.load_next(extra).await;
            match extra {
                Extra::Present => departing = Some(self.listen_at_extra(generation).await),
                Extra::Absent => self.extra_is_gone().await,
            }
            let line = format!("line {generation}");
            self.stage.say(&line);
            held.check(&line).await;
            // A stream over a listener that is gone goes on as well.
            if let Some(lines) = &mut departing {
                assert_eq!(lines.next().await.as_ref(), Ok(&Some(line)));
            }
            if extra == Extra::Absent {
                departing = None;
            }
            load.check();
        }
        let answered = load.end().await;
        println!("{answered} requests, {count} configs");
        assert!(answered >= count * BETWEEN);
        self.load_next(Extra::Absent).await;
    }

    /// Goes on when so many more requests are answered, so that each config has its share.
    async fn wait_for_requests(&self, load: &mut Load) {
        let enough = load.answered() + BETWEEN;
        let start = Instant::now();
        while load.answered() < enough {
            load.check();
            assert!(start.elapsed() < PATIENCE, "requests are not answered");
            tokio::task::yield_now().await;
        }
    }

    /// Loads another config, and sees that it is the one that answers: over a new connection, and for everybody else.
    async fn load_next(&self, extra: Extra) -> usize {
        let generation = self.generations.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let config = config(generation, self.ports, &self.stage, extra);
        let answer = self.post(config).await;
        assert_eq!(answer.status(), 200, "{answer:?}\n{}", self.server.log());
        self.generations.loaded.store(generation, Ordering::SeqCst);
        for way in &self.ways {
            assert_eq!(self.generation(way).await, generation);
        }
        generation
    }

    /// Configs that cannot be served change nothing.
    async fn refuse_bad_configs(&self, round: usize) {
        let good = config(usize::MAX, self.ports, &self.stage, Extra::Absent);
        let taken = self.taken.local_addr().unwrap().port();
        let bad = match round % 10 {
            0 => good + "http://localhost:1 {\n\tno_such_directive\n}\n",
            2 => good + &format!("http://localhost:{taken} {{\n\trespond taken\n}}\n"),
            4 => {
                good + "http://localhost:1 {\n\tlog {\n\t\toutput file /proc/nowhere/log\n\t}\n}\n"
            }
            _ => return,
        };
        let answer = self.post(bad).await;
        assert!(
            answer.status().is_client_error() || answer.status().is_server_error(),
            "{answer:?}"
        );
    }

    async fn post(&self, config: String) -> Response<String> {
        let asker = Asker::connect(&Way::Plain(self.ports.admin)).await.unwrap();
        let kind = [("content-type", "text/caddyfile")];
        let answer = asker.send(Method::POST, "/load", &kind, config).await;
        whole(answer.unwrap()).await.unwrap()
    }

    async fn generation(&self, way: &Way) -> usize {
        let answer = Asker::connect(way)
            .await
            .unwrap()
            .get("/own")
            .await
            .unwrap();
        answer.headers()[FIELD].to_str().unwrap().parse().unwrap()
    }

    async fn listen_at_extra(&self, generation: usize) -> Lines {
        let way = Way::Plain(self.ports.extra);
        assert_eq!(self.generation(&way).await, generation);
        let asker = Asker::connect(&way).await.unwrap();
        asker.lines("/lines").await.unwrap()
    }

    async fn extra_is_gone(&self) {
        let connected = Asker::connect(&Way::Plain(self.ports.extra)).await;
        assert!(
            connected.is_err(),
            "a listener that no config has is open still"
        );
    }

    fn descriptors(&self) -> usize {
        let folder = format!("/proc/{}/fd", self.server.id());
        fs::read_dir(folder).unwrap().count()
    }

    /// The count when it has come to rest.
    fn descriptors_at_rest(&self) -> usize {
        let start = Instant::now();
        let (mut count, mut looks) = (self.descriptors(), 0);
        while looks < CALM {
            assert!(start.elapsed() < PATIENCE, "descriptors never come to rest");
            thread::sleep(LOOK);
            let now = self.descriptors();
            looks = if now == count { looks + 1 } else { 0 };
            count = now;
        }
        count
    }

    fn wait_for_descriptors(&self, most: usize) {
        let start = Instant::now();
        while self.descriptors() > most {
            let now = self.descriptors();
            assert!(
                start.elapsed() < PATIENCE,
                "{now} descriptors, not {most}:\n{}",
                self.open_files()
            );
            thread::sleep(LOOK);
        }
    }

    fn open_files(&self) -> String {
        let folder = fs::read_dir(format!("/proc/{}/fd", self.server.id())).unwrap();
        let mut text = String::new();
        for file in folder.filter_map(Result::ok) {
            let _ = writeln!(text, "{:?}", fs::read_link(file.path()));
        }
        text
    }

    fn measure(&self) -> Measure {
        let status = fs::read_to_string(format!("/proc/{}/status", self.server.id())).unwrap();
        let memory = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap();
        let memory = memory.trim().strip_suffix(" kB").unwrap();
        Measure {
            descriptors: self.descriptors_at_rest(),
            memory: memory.parse::<usize>().unwrap() << 10,
        }
    }
}

/// What goes on from the first config to the last.
struct Held {
    streams: Vec<Lines>,
    sockets: Vec<Socket>,
}

impl Held {
    async fn open(play: &Play) -> Self {
        let mut streams = Vec::new();
        let [plain, tls, tls2] = &play.ways[..] else {
            panic!("there are three ways");
        };
        while streams.len() < STREAMS {
            let shared = Asker::connect(tls2).await.unwrap();
            for way in [plain, tls] {
                let asker = Asker::connect(way).await.unwrap();
                streams.push(asker.lines("/lines").await.unwrap());
            }
            for _ in 2..STREAMS_OF_A_CONNECTION {
                streams.push(shared.lines("/lines").await.unwrap());
            }
        }
        let mut sockets = Vec::new();
        while sockets.len() < SOCKETS {
            for way in [plain, tls] {
                let asker = Asker::connect(way).await.unwrap();
                sockets.push(asker.socket("/socket").await.unwrap());
            }
        }
        Self { streams, sockets }
    }

    /// Every stream has got the line, and no other before it; every socket answers.
    async fn check(&mut self, line: &str) {
        for (index, stream) in self.streams.iter_mut().enumerate() {
            let next = stream.next().await;
            assert_eq!(next, Ok(Some(line.to_owned())), "stream {index}");
        }
        for (index, socket) in self.sockets.iter_mut().enumerate() {
            let echoed = socket.echo(line).await;
            assert_eq!(echoed, Ok(()), "socket {index}, {line}");
        }
    }

    /// Every stream ends as streams end.
    async fn end(self, stage: &mut Stage) {
        stage.end();
        for mut stream in self.streams {
            assert_eq!(stream.next().await, Ok(None));
        }
    }
}

/// A config that says in each answer which one it is.
fn config(generation: usize, ports: Ports, stage: &Stage, extra: Extra) -> String {
    let Ports {
        admin,
        plain,
        tls,
        extra: port,
    } = ports;
    let mut text = format!(
        "{{\n\tadmin localhost:{admin}\n\thttp_port {plain}\n\thttps_port {tls}\n\tlocal_certs\n\tskip_install_trust\n}}\n\
         (all) {{\n\theader {FIELD} {generation}\n\trespond /own own\n\treverse_proxy {}\n\
         \tlog {{\n\t\toutput file access.log\n\t}}\n",
        stage.address
    );
    for route in 0..ROUTES {
        let _ = writeln!(
            text,
            "\trespond /route/{route} \"the answer of route {route}\""
        );
    }
    text.push_str("}\n");
    let mut sites = vec![
        format!("http://localhost:{plain}"),
        format!("https://localhost:{tls}"),
    ];
    if extra == Extra::Present {
        sites.push(format!("http://localhost:{port}"));
    }
    for site in sites {
        let _ = writeln!(text, "{site} {{\n\timport all\n}}");
    }
    text
}
