//! What happens to connections and addresses when something else is served.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use super::workers::{Bound, serving};
use super::{Answer, ListenAddress, Listener, Served, Settings, Stop, Workers};
use crate::{Connection, Request, Response};

const PATIENCE: Duration = Duration::from_secs(20);

/// Answers with its word; `/slow` when the test says so, which is told that it has begun.
struct Word {
    word: &'static str,
    script: Script,
}

#[derive(Clone)]
struct Script {
    begun: Sender<()>,
    go_on: Arc<tokio::sync::Notify>,
}

impl Answer for Word {
    async fn answer(&self, _: Arc<Connection>, request: Request) -> Option<Response> {
        if request.uri().path() == "/slow" {
            self.script.begun.send(()).ok();
            self.script.go_on.notified().await;
        }
        Some(Response::new(self.word.into()))
    }
}

struct Server {
    workers: Workers<Word>,
    script: Script,
    begun: Receiver<()>,
}

impl Server {
    fn start(address: &str) -> Self {
        let (told, begun) = channel();
        let script = Script {
            begun: told,
            go_on: Arc::new(tokio::sync::Notify::new()),
        };
        let listeners = vec![listener(address, "old", &Settings::default(), &script)];
        Self {
            workers: serving(listeners, 2).unwrap(),
            script,
            begun,
        }
    }

    fn port(&self) -> u16 {
        self.workers.ports()[0]
    }

    fn listener(&self, address: &str, settings: &Settings) -> Listener<Word> {
        listener(address, "new", settings, &self.script)
    }

    fn serve(&mut self, listeners: Vec<Listener<Word>>) {
        let bound = self.workers.bind(listeners).unwrap();
        self.hand_out(bound);
    }

    fn hand_out(&mut self, bound: Bound<Word>) {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let served = self.workers.serve(bound, None);
        runtime.unwrap().block_on(served);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.workers.stop(Stop::Now);
        self.workers.join().unwrap();
    }
}

fn listener(
    address: &str,
    word: &'static str,
    settings: &Settings,
    script: &Script,
) -> Listener<Word> {
    Listener {
        address: ListenAddress::parse(address).unwrap(),
        served: Arc::new(Served {
            tree: Arc::new(Word {
                word,
                script: script.clone(),
            }),
            settings: Arc::new(settings.clone()),
            tls: None,
        }),
    }
}

fn connect(port: u16) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

fn send(stream: &mut TcpStream, path: &str) {
    let request = format!("GET {path} HTTP/1.1\r\nHost: a.test\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
}

/// The word of the next answer.
fn word(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(b"old") && !answer.ends_with(b"new") {
        let mut byte = [0];
        assert_eq!(stream.read(&mut byte).unwrap(), 1, "the connection ended");
        answer.push(byte[0]);
    }
    String::from_utf8(answer.split_off(answer.len() - 3)).unwrap()
}

fn ask(stream: &mut TcpStream) -> String {
    send(stream, "/");
    word(stream)
}

#[test]
fn the_next_request_of_a_connection_is_answered_by_the_new_tree() {
    let mut server = Server::start("127.0.0.1:0");
    let mut stream = connect(server.port());
    assert_eq!(ask(&mut stream), "old");
    server.serve(vec![server.listener("127.0.0.1:0", &Settings::default())]);
    assert_eq!(ask(&mut stream), "new");
    assert_eq!(ask(&mut connect(server.port())), "new");
}

#[test]
fn a_request_ends_in_the_tree_in_which_it_began() {
    let mut server = Server::start("127.0.0.1:0");
    let mut stream = connect(server.port());
    assert_eq!(ask(&mut stream), "old");
    send(&mut stream, "/slow");
    server.begun.recv_timeout(PATIENCE).unwrap();
    server.serve(vec![server.listener("127.0.0.1:0", &Settings::default())]);
    assert_eq!(ask(&mut connect(server.port())), "new");
    server.script.go_on.notify_one();
    assert_eq!(word(&mut stream), "old");
    assert_eq!(ask(&mut stream), "new");
}

#[test]
fn a_connection_with_other_limits_than_the_new_ones_ends_after_its_request() {
    let mut server = Server::start("127.0.0.1:0");
    let mut stream = connect(server.port());
    assert_eq!(ask(&mut stream), "old");
    let settings = Settings {
        max_header_bytes: 9000,
        ..Settings::default()
    };
    server.serve(vec![server.listener("127.0.0.1:0", &settings)]);
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
}

#[test]
fn an_address_that_is_gone_is_closed_and_its_requests_end() {
    let mut server = Server::start("127.0.0.1:0");
    let port = server.port();
    let mut stream = connect(port);
    assert_eq!(ask(&mut stream), "old");
    send(&mut stream, "/slow");
    server.begun.recv_timeout(PATIENCE).unwrap();
    server.serve(vec![server.listener("127.0.0.2:0", &Settings::default())]);
    let refused = TcpStream::connect(("127.0.0.1", port)).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    server.script.go_on.notify_one();
    assert_eq!(word(&mut stream), "old");
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
}

#[test]
fn nothing_changes_if_one_of_the_addresses_is_taken() {
    let server = Server::start("127.0.0.1:0");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let (taken_at, free_at) = (taken.local_addr().unwrap(), free.local_addr().unwrap());
    drop(free);
    let settings = Settings::default();
    let listeners = [
        "127.0.0.1:0".to_owned(),
        free_at.to_string(),
        taken_at.to_string(),
    ];
    let listeners = listeners.map(|address| server.listener(&address, &settings));
    assert!(server.workers.bind(listeners.into()).is_err());
    assert_eq!(ask(&mut connect(server.port())), "old");
    assert!(TcpStream::connect(free_at).is_err());
}

#[test]
fn one_address_of_a_port_can_take_the_place_of_all_of_them() {
    let mut server = Server::start(":0");
    let port = server.port();
    let address = format!("127.0.0.1:{port}");
    server.serve(vec![server.listener(&address, &Settings::default())]);
    assert_eq!(ask(&mut connect(port)), "new");
}

#[test]
fn two_servers_of_a_config_cannot_have_one_address() {
    let server = Server::start("127.0.0.1:0");
    let twice = ["127.0.0.1:0"; 2].map(|one| server.listener(one, &Settings::default()));
    let error = server.workers.bind(twice.into()).err().unwrap().to_string();
    assert_eq!(
        error,
        "listening on 127.0.0.1:0: two servers of the config listen on it"
    );
}

#[test]
fn two_servers_of_a_config_may_have_a_port_on_one_interface_and_on_all() {
    let server = Server::start("127.0.0.1:0");
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let both = [format!("127.0.0.1:{port}"), format!(":{port}")];
    let both = both.map(|text| listener(&text, "new", &Settings::default(), &server.script));
    assert!(server.workers.bind(both.into()).is_ok());
}

#[test]
fn no_socket_is_left_in_its_folder_if_another_address_is_taken() {
    let server = Server::start("127.0.0.1:0");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.sock");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let texts = [
        format!("unix/{}", file.display()),
        taken.local_addr().unwrap().to_string(),
    ];
    let both = texts.map(|text| listener(&text, "new", &Settings::default(), &server.script));
    assert!(server.workers.bind(both.into()).is_err());
    assert!(!file.exists());
}

#[test]
fn a_socket_in_a_folder_gets_other_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.sock");
    let mut server = Server::start(&format!("unix/{}", file.display()));
    let text = format!("unix/{}|0666", file.display());
    let open_to_all = server.listener(&text, &Settings::default());
    server.serve(vec![open_to_all]);
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o666);
    assert!(std::os::unix::net::UnixStream::connect(&file).is_ok());
}
