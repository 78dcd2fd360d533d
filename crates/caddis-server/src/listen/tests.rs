//! Connections against real sockets on loopback, with a stub in place of the tree.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use http_body_util::BodyExt;

use super::{Answer, ListenAddress, Listener, Served, Settings, Stop, Workers, serving};
use crate::{Body, Connection, Request, Response};

/// No test waits longer for anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// Answers `/early` without reading the body, `/slow` when the test says so, `/abort` never, and others at once.
struct Stub {
    go_on: tokio::sync::Notify,
}

impl Answer for Stub {
    async fn answer(&self, connection: Arc<Connection>, request: Request) -> Option<Response> {
        let mut response = Response::new(Body::from("hello"));
        let path = request.uri().path().to_owned();
        match path.as_str() {
            "/abort" => return None,
            "/early" => *response.status_mut() = http::StatusCode::PAYLOAD_TOO_LARGE,
            "/slow" => self.go_on.notified().await,
            "/worker" => *response.body_mut() = connection.worker.to_string().into(),
            _ => {
                let body = request.into_body().collect().await.ok()?.to_bytes();
                response.headers_mut().insert("x-length", body.len().into());
            }
        }
        Some(response)
    }
}

struct Server {
    running: Option<Workers<Stub>>,
    stub: Arc<Stub>,
    port: u16,
}

fn serve(settings: Settings) -> Server {
    let stub = Arc::new(Stub {
        go_on: tokio::sync::Notify::new(),
    });
    let listener = Listener {
        address: ListenAddress::parse("127.0.0.1:0").unwrap(),
        served: Arc::new(Served {
            tree: Arc::clone(&stub),
            settings: Arc::new(settings),
            tls: None,
        }),
    };
    let running = serving(vec![listener], 2).unwrap();
    Server {
        port: running.ports()[0],
        running: Some(running),
        stub,
    }
}

impl Server {
    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// Sends `text`, and reads until the server closes the connection.
    fn exchange(&self, text: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(text.as_bytes()).unwrap();
        read_to_end(&mut stream)
    }

    /// Tells the server to stop; gives it back when all workers have ended.
    fn stop(&mut self, stop: Stop) -> std::thread::JoinHandle<()> {
        let mut running = self.running.take().unwrap();
        running.stop(stop);
        std::thread::spawn(move || running.join().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(mut running) = self.running.take() {
            running.stop(Stop::Now);
            running.join().unwrap();
        }
    }
}

fn read_to_end(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8(answer).unwrap()
}

/// Reads up to `end` and not further.
fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut answer = String::new();
    while !answer.ends_with(end) {
        let mut byte = [0];
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "ended after {answer}");
        answer.push(char::from(byte[0]));
    }
    answer
}

#[test]
fn a_request_is_answered_and_the_connection_stays_open() {
    let server = serve(Settings::default());
    let mut stream = server.connect();
    for _ in 0..3 {
        stream
            .write_all(b"POST / HTTP/1.1\r\nHost: a.test\r\nContent-Length: 3\r\n\r\nabc")
            .unwrap();
        let answer = read_until(&mut stream, "hello");
        assert!(
            answer.starts_with("HTTP/1.1 200 OK\r\nX-Length: 3\r\nContent-Length: 5\r\nDate: ")
        );
    }
}

#[test]
fn every_worker_gets_connections() {
    let server = serve(Settings::default());
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..200 {
        let answer =
            server.exchange("GET /worker HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        seen.insert(answer.chars().last().unwrap());
        if seen.len() == 2 {
            return;
        }
    }
    panic!("only {seen:?} got connections");
}

#[test]
fn a_header_that_is_too_large_is_answered_with_431() {
    let server = serve(Settings::default());
    let request = |bytes| {
        format!(
            "GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n",
            "x".repeat(bytes)
        )
    };
    assert!(
        server
            .exchange(&request(21_000))
            .starts_with("HTTP/1.1 431 ")
    );
    assert!(
        server
            .exchange(&request(2_000_000))
            .starts_with("HTTP/1.1 431 ")
    );
    let mut fits = server.connect();
    fits.write_all(request(16_000).as_bytes()).unwrap();
    assert!(read_until(&mut fits, "hello").starts_with("HTTP/1.1 200 "));
}

#[test]
fn an_aborted_request_closes_the_connection_without_an_answer() {
    let server = serve(Settings::default());
    assert_eq!(
        server.exchange("GET /abort HTTP/1.1\r\nHost: a\r\n\r\n"),
        ""
    );
}

#[test]
fn a_client_that_reads_only_after_sending_50_mb_gets_the_early_answer() {
    let server = serve(Settings::default());
    for framing in [
        "Content-Length: 50000000",
        "Content-Length: 50000000\r\nExpect: 100-continue",
    ] {
        let mut stream = server.connect();
        write!(
            stream,
            "POST /early HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n"
        )
        .unwrap();
        let part = vec![b'x'; 1_000_000];
        for _ in 0..50 {
            stream.write_all(&part).unwrap();
        }
        stream.shutdown(Shutdown::Write).unwrap();
        assert!(
            read_to_end(&mut stream).starts_with("HTTP/1.1 413 "),
            "{framing}"
        );
    }
}

#[test]
fn a_hundred_header_fields_are_read_and_one_more_is_not() {
    let server = serve(Settings::default());
    let status = |fields: usize| {
        // Two fields are there already.
        let fields = "x: a\r\n".repeat(fields - 2);
        let request = format!("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{fields}\r\n");
        server.exchange(&request)[..12].to_owned()
    };
    assert_eq!(status(100), "HTTP/1.1 200");
    assert_eq!(status(101), "HTTP/1.1 431");
}

#[test]
fn a_header_that_does_not_end_in_time_closes_the_connection() {
    let server = serve(Settings {
        header_timeout: Some(Duration::from_millis(200)),
        ..Settings::default()
    });
    let begin = Instant::now();
    assert_eq!(server.exchange("GET / HTTP/1.1\r\nHost: a\r\n"), "");
    assert_eq!(server.exchange(""), "");
    assert!(begin.elapsed() >= Duration::from_millis(300));
    // The time begins with the first byte of each header, not with the connection.
    let mut stream = server.connect();
    for _ in 0..4 {
        stream
            .write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            .unwrap();
        read_until(&mut stream, "hello");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn an_idle_connection_is_closed_in_time_and_a_busy_one_is_not() {
    let server = serve(Settings {
        idle_timeout: Some(Duration::from_millis(200)),
        ..Settings::default()
    });
    let mut busy = server.connect();
    busy.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    let idle = server.exchange("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert!(idle.ends_with("hello"));
    std::thread::sleep(Duration::from_millis(300));
    server.stub.go_on.notify_one();
    assert!(read_until(&mut busy, "hello").starts_with("HTTP/1.1 200 "));
}

#[test]
fn a_response_that_takes_longer_than_the_write_time_out_closes_the_connection() {
    let server = serve(Settings {
        write_timeout: Some(Duration::from_millis(200)),
        ..Settings::default()
    });
    assert_eq!(server.exchange("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"), "");
}

#[test]
fn a_body_that_takes_longer_than_the_read_time_out_closes_the_connection() {
    let server = serve(Settings {
        read_timeout: Some(Duration::from_millis(200)),
        ..Settings::default()
    });
    let request = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab";
    assert_eq!(server.exchange(request), "");
}

#[test]
fn a_graceful_stop_closes_idle_connections_and_lets_others_finish() {
    let mut server = serve(Settings::default());
    let (mut idle, mut busy) = (server.connect(), server.connect());
    idle.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    read_until(&mut idle, "hello");
    busy.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    std::thread::sleep(Duration::from_millis(100));
    let stopping = server.stop(Stop::Graceful(None));
    assert_eq!(read_to_end(&mut idle), "");
    assert!(!stopping.is_finished());
    // The other worker may take a moment to stop listening.
    let begin = Instant::now();
    while TcpStream::connect(("127.0.0.1", server.port)).is_ok() {
        assert!(begin.elapsed() < PATIENCE, "the port is still open");
        std::thread::sleep(Duration::from_millis(10));
    }
    server.stub.go_on.notify_one();
    assert!(read_to_end(&mut busy).ends_with("hello"));
    stopping.join().unwrap();
}

#[test]
fn a_client_that_has_its_answer_and_stays_does_not_keep_the_server_from_stopping() {
    let mut server = serve(Settings::default());
    let mut client = server.connect();
    let request = "POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi";
    client.write_all(request.as_bytes()).unwrap();
    assert!(read_to_end(&mut client).ends_with("hello"));
    let asked = Instant::now();
    server.stop(Stop::Graceful(None)).join().unwrap();
    assert!(asked.elapsed() < Duration::from_secs(4));
}

#[test]
fn a_grace_period_ends_what_does_not_end_by_itself() {
    let mut server = serve(Settings::default());
    let mut busy = server.connect();
    busy.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap();
    std::thread::sleep(Duration::from_millis(100));
    let grace = Duration::from_millis(100);
    server.stop(Stop::Graceful(Some(grace))).join().unwrap();
    assert_eq!(read_to_end(&mut busy), "");
}

#[test]
fn http2_without_tls_is_spoken_unless_other_protocols_are_listed() {
    const SETTINGS_FRAME: u8 = 4;
    let preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let answers_with_settings = |server: &Server| {
        let mut stream = server.connect();
        stream.write_all(preface).unwrap();
        let mut head = [0; 9];
        stream.read_exact(&mut head).is_ok() && head[3] == SETTINGS_FRAME
    };
    let only_http1 = caddis_ir::Server {
        protocols: vec!["h1".into()],
        ..caddis_ir::Server::default()
    };
    assert!(!answers_with_settings(&serve(Settings::of(&only_http1))));
    let server = serve(Settings::default());
    assert!(answers_with_settings(&server));
    let old = server.exchange("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    assert!(old.starts_with("HTTP/1.1 200 "), "{old}");
}

#[test]
fn an_address_of_version_4_is_seen_as_one_on_a_socket_for_both_versions() {
    struct Peer;
    impl Answer for Peer {
        async fn answer(&self, connection: Arc<Connection>, _: Request) -> Option<Response> {
            let text = format!("{} {}", connection.peer.ip(), connection.local.ip());
            Some(Response::new(text.into()))
        }
    }
    let listener = Listener {
        address: ListenAddress::parse(":0").unwrap(),
        served: Arc::new(Served {
            tree: Arc::new(Peer),
            settings: Arc::new(Settings::default()),
            tls: None,
        }),
    };
    let mut running = serving(vec![listener], 1).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", running.ports()[0])).unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .unwrap();
    assert!(read_to_end(&mut stream).ends_with("\r\n\r\n127.0.0.1 127.0.0.1"));
    running.stop(Stop::Now);
    running.join().unwrap();
}

#[test]
fn a_unix_socket_serves_and_its_file_is_gone_afterwards() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.sock");
    let listener = Listener {
        address: ListenAddress::parse(&format!("unix/{}|0600", path.display())).unwrap(),
        served: Arc::new(Served {
            tree: Arc::new(Stub {
                go_on: tokio::sync::Notify::new(),
            }),
            settings: Arc::new(Settings::default()),
            tls: None,
        }),
    };
    let mut running = serving(vec![listener], 2).unwrap();
    let mut stream = std::os::unix::net::UnixStream::connect(&path).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with("hello"));
    running.stop(Stop::Graceful(None));
    running.join().unwrap();
    assert!(!path.exists());
}
