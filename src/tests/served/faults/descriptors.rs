//! No descriptors are left: what goes on goes on, nothing is busy, and who comes later is served later.

use std::net::TcpStream;
use std::time::Duration;

use rustix::process::Resource;

use super::process::{cpu, descriptors, limit};
use crate::asker::{Asker, Way};
use crate::life::until;
use crate::server::{Server, is_real_caddy};
use crate::stage::Stage;

const STREAMS: usize = 10;
/// How many descriptors are left, and how many come.
const LEFT: usize = 8;
const CROWD: usize = 60;
/// How often each listener of each worker may say so.
const SAID: usize = 8;

#[test]
fn a_server_without_descriptors_goes_on_and_accepts_again_when_it_has_some() {
    if is_real_caddy() {
        println!("not run: the real Caddy says so in other words, and for every try");
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let stage = Stage::open().await;
        let server = Server::start(&format!(
            "http://localhost {{\n\treverse_proxy {}\n}}\n",
            stage.address
        ));
        let way = Way::Plain(server.http);
        let mut streams = Vec::new();
        for _ in 0..STREAMS {
            let asker = Asker::connect(&way).await.unwrap();
            streams.push(asker.lines("/lines").await.unwrap());
        }
        let most = descriptors(server.id()) + LEFT;
        limit(server.id(), Resource::Nofile, Some(most as u64));
        let crowd: Vec<_> = (0..CROWD)
            .map(|_| TcpStream::connect(("127.0.0.1", server.http)).unwrap())
            .collect();
        assert!(
            until(|| server.log().contains("connections cannot be accepted")),
            "{}",
            server.log()
        );
        let before = cpu(server.id());
        for line in 0..50 {
            stage.say(&format!("line {line}"));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let busy = cpu(server.id()).saturating_sub(before);
        assert!(
            busy < Duration::from_millis(500),
            "busy for {busy:?} in a second"
        );
        for stream in &mut streams {
            for line in 0..50 {
                assert_eq!(stream.next().await, Ok(Some(format!("line {line}"))));
            }
        }
        let said = server
            .log()
            .matches("connections cannot be accepted")
            .count();
        assert!(said <= SAID, "it is said {said} times");
        drop(crowd);
        let asker = Asker::connect(&way).await.unwrap();
        assert_eq!(asker.get("/").await.unwrap().status(), 200);
        assert!(until(|| descriptors(server.id()) <= most));
    });
}
