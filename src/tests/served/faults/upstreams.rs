//! Upstreams that die, reset, say half of it, or nothing at all: the client is told, the log says so, and the next
//! request is served.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends with the trouble that it met"
)]

use std::net::TcpListener;

use tokio::runtime::Runtime;

use super::broken::{Broken, Deed, HELLO};
use crate::asker::{Asker, Way};
use crate::server::{Server, free_port};
use crate::stage::Stage;

fn serve(upstream: u16) -> Server {
    let proxy = format!(
        "reverse_proxy 127.0.0.1:{upstream} {{\n\t\ttransport http {{\n\t\t\tresponse_header_timeout 1s\n\t\t}}\n\t}}"
    );
    Server::start(&format!(
        "http://localhost {{\n\t{proxy}\n}}\nhttps://localhost {{\n\t{proxy}\n}}\n"
    ))
}

fn ways(server: &Server) -> [Way; 3] {
    [
        Way::Plain(server.http),
        Way::Tls(server.https, Way::tls(&server.root(), "http/1.1")),
        Way::Tls2(server.https, Way::tls(&server.root(), "h2")),
    ]
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

#[test]
fn what_comes_before_an_answer_breaks_is_an_error_that_both_sides_see() {
    let upstream = Broken::start();
    let server = serve(upstream.port);
    runtime().block_on(async {
        for way in ways(&server) {
            for (deed, status) in [
                (Deed::HalfAHead, 502),
                (Deed::Reset, 502),
                (Deed::Silence, 504),
            ] {
                let asker = Asker::connect(&way).await.unwrap();
                upstream.does(deed);
                let logged = errors(&server);
                let answer = asker.get("/").await.unwrap();
                assert_eq!(answer.status(), status, "{deed:?}");
                assert!(
                    errors_become(&server, logged + 1).await,
                    "{deed:?} is not logged"
                );
                // The client's connection is none the worse for it.
                upstream.does(Deed::Answer);
                let answer = asker.get("/").await.unwrap();
                assert_eq!((answer.status().as_u16(), &**answer.body()), (200, HELLO));
            }
        }
    });
}

#[test]
fn an_answer_that_breaks_off_never_looks_whole() {
    let upstream = Broken::start();
    let server = serve(upstream.port);
    runtime().block_on(async {
        for way in ways(&server) {
            for deed in [Deed::HalfABody, Deed::HalfAChunk] {
                upstream.does(deed);
                let logged = errors(&server);
                let answer = Asker::connect(&way).await.unwrap().get("/").await;
                let error = answer.map(|answer| format!("{answer:?}")).unwrap_err();
                assert!(error.starts_with("reading"), "{deed:?}: {error}");
                assert!(
                    errors_become(&server, logged + 1).await,
                    "{deed:?} is not logged"
                );
                upstream.does(Deed::Answer);
                let answer = Asker::connect(&way).await.unwrap().get("/").await.unwrap();
                assert_eq!((answer.status().as_u16(), &**answer.body()), (200, HELLO));
            }
        }
    });
}

#[test]
fn connections_that_an_upstream_has_closed_cost_no_request() {
    let upstream = Broken::start();
    let server = serve(upstream.port);
    upstream.does(Deed::AnswerAndLeave);
    runtime().block_on(async {
        for way in ways(&server) {
            let asker = Asker::connect(&way).await.unwrap();
            for _ in 0..50 {
                let answer = asker.get("/").await.unwrap();
                assert_eq!((answer.status().as_u16(), &**answer.body()), (200, HELLO));
            }
        }
    });
}

#[test]
fn an_upstream_that_is_started_again_is_found_again() {
    let port = free_port();
    let server = serve(port);
    runtime().block_on(async {
        let [way, ..] = ways(&server);
        let asker = Asker::connect(&way).await.unwrap();
        for _ in 0..3 {
            assert_eq!(asker.get("/").await.unwrap().status(), 502);
            let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
            let mut stage = Stage::on(listener);
            assert_eq!(asker.get("/").await.unwrap().status(), 200);
            let streamer = Asker::connect(&way).await.unwrap();
            let mut lines = streamer.lines("/lines").await.unwrap();
            stage.say("one");
            assert_eq!(lines.next().await, Ok(Some("one".to_owned())));
            stage.dies();
            let cut = lines.next().await;
            assert!(cut.is_err(), "a stream that was cut looks whole: {cut:?}");
        }
    });
}

/// How many errors the log has so far.
fn errors(server: &Server) -> usize {
    let log = server.log();
    let is_error =
        |line: &&str| line.contains(r#""level":"error""#) || line.contains(r#""level":"warn""#);
    log.lines().filter(is_error).count()
}

async fn errors_become(server: &Server, least: usize) -> bool {
    let start = std::time::Instant::now();
    while errors(server) < least {
        if start.elapsed() > crate::server::PATIENCE {
            return false;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    true
}
