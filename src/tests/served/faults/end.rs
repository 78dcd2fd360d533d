//! The end of a server that has much to do.

use rustix::process::{Resource, Signal, getrlimit, setrlimit};

use crate::asker::{Asker, Way};
use crate::life::until;
use crate::server::Server;
use crate::stage::Stage;

const STREAMS: usize = 500;
/// How many of them share a connection of HTTP/2.
const SHARED: usize = 25;

#[test]
fn five_hundred_streams_are_finished_before_the_end() {
    let mut files = getrlimit(Resource::Nofile);
    files.current = files.maximum;
    setrlimit(Resource::Nofile, files).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut stage = Stage::open().await;
        let proxy = format!(
            "reverse_proxy {} {{\n\t\tflush_interval -1\n\t}}",
            stage.address
        );
        let mut server = Server::start(&format!(
            "http://localhost {{\n\t{proxy}\n}}\nhttps://localhost {{\n\t{proxy}\n}}\n"
        ));
        let tls = Way::Tls2(server.https, Way::tls(&server.root(), "h2"));
        let mut streams = Vec::new();
        while streams.len() < STREAMS {
            let shared = Asker::connect(&tls).await.unwrap();
            for _ in 0..SHARED {
                streams.push(shared.lines("/lines").await.unwrap());
                let own = Asker::connect(&Way::Plain(server.http)).await.unwrap();
                streams.push(own.lines("/lines").await.unwrap());
            }
        }
        server.signal(Signal::TERM);
        let port = server.http;
        assert!(until(
            || std::net::TcpStream::connect(("127.0.0.1", port)).is_err()
        ));
        for line in 0..20 {
            assert_eq!(stage.say(&format!("line {line}")), streams.len());
            for stream in &mut streams {
                assert_eq!(stream.next().await, Ok(Some(format!("line {line}"))));
            }
        }
        assert!(!server.has_ended());
        stage.end();
        for stream in &mut streams {
            assert_eq!(stream.next().await, Ok(None));
        }
        drop(streams);
        assert_eq!(server.exit().code(), Some(0));
    });
}
