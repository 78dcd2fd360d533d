//! Many requests at once with `h2load`, as people measure servers: each is answered, and only those with the token pass.

use std::process::Command;

use crate::curl::NAME;
use crate::guide::{BEARER, with};
use crate::server::Server;
use crate::stage::{LARGE, Stage};

/// More than any of the runs takes on a machine that does much beside.
const SECONDS: &str = "300";
const TOKEN: &str = "authorization: Bearer YOUR_SECRET_TOKEN";

/// A run of `h2load`.
struct Run {
    requests: u32,
    /// Requests under way at once on each of its connections.
    streams: u32,
    connections: u32,
    path: &'static str,
    /// Whether HTTP/1.1 is spoken.
    http1: bool,
}

#[test]
fn each_of_many_requests_is_answered() {
    let small = Run {
        requests: 20_000,
        streams: 20,
        connections: 50,
        path: "/",
        http1: false,
    };
    let large = Run {
        requests: 1_000,
        path: "/large",
        ..small
    };
    let http1 = |run: &Run| Run {
        requests: run.requests / 4,
        streams: 1,
        http1: true,
        ..*run
    };
    let (server, _stage, _runtime) = serve();
    for run in [http1(&small), http1(&large), small, large] {
        let output = run.against(&server, TOKEN);
        let all = run.requests;
        for line in [
            format!("{all} done, {all} succeeded, 0 failed, 0 errored, 0 timeout"),
            format!("status codes: {all} 2xx, 0 3xx, 0 4xx, 0 5xx"),
            format!("Application protocol: {}", run.protocol()),
        ] {
            assert!(output.contains(&line), "{line} is not in {output}");
        }
        let size = if run.path == "/" { 1 } else { LARGE };
        let size = u64::from(all) * u64::try_from(size).expect("sizes are small");
        assert!(bytes_of_bodies(&output) >= size, "{size} in {output}");
    }
}

#[test]
fn none_of_many_requests_passes_without_the_token() {
    let (server, stage, _runtime) = serve();
    let run = Run {
        requests: 5_000,
        streams: 20,
        connections: 50,
        path: "/",
        http1: false,
    };
    let output = run.against(&server, "authorization: Bearer ANOTHER_TOKEN");
    let line = "status codes: 0 2xx, 0 3xx, 5000 4xx, 0 5xx";
    assert!(output.contains(line), "{line} is not in {output}");
    assert_eq!(stage.connections(), 0);
}

/// The guide's bearer check before an upstream, and what keeps both running.
fn serve() -> (Server, Stage, tokio::runtime::Runtime) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("the system has threads");
    let stage = runtime.block_on(Stage::open());
    let config = with(BEARER, "localhost:11434", &stage.address.to_string());
    let server = Server::start(&config);
    (server, stage, runtime)
}

impl Run {
    fn protocol(&self) -> &'static str {
        if self.http1 { "http/1.1" } else { "h2" }
    }

    fn against(&self, server: &Server, token: &str) -> String {
        let mut command = Command::new("timeout");
        command.args([SECONDS, "h2load"]);
        if self.http1 {
            command.arg("--h1");
        }
        let output = command
            .arg(format!("--requests={}", self.requests))
            .arg(format!("--clients={}", self.connections))
            .arg(format!("--max-concurrent-streams={}", self.streams))
            .arg(format!("--header={token}"))
            .arg(format!("--connect-to=127.0.0.1:{}", server.https))
            .arg(format!("https://{NAME}:{}{}", server.https, self.path))
            .output()
            .expect("h2load is installed");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "h2load: {error}\n{}", server.log());
        String::from_utf8_lossy(&output.stdout).into()
    }
}

/// How many bytes of bodies came in: `traffic: … (…) total, … (…) headers (…), … (N) data`.
fn bytes_of_bodies(output: &str) -> u64 {
    let line = output.lines().find(|line| line.starts_with("traffic:"));
    let words = line.and_then(|line| line.strip_suffix(") data"));
    let number = words.and_then(|words| words.rsplit('(').next());
    number
        .and_then(|number| number.parse().ok())
        .unwrap_or_else(|| panic!("no traffic in {output}"))
}
