//! The command `respond`: answers without a config.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use crate::server::{Launch, PATIENCE, free_port};

/// A server that answers until the test ends.
struct Responder {
    child: Child,
    printed: String,
}

impl Responder {
    /// Starts it with these words, and reads the lines that name its addresses.
    fn start(words: &[&str], piped: Option<&str>, servers: usize) -> Self {
        let stdin = if piped.is_some() {
            Stdio::piped()
        } else {
            Stdio::null()
        };
        let mut child = Launch::new(free_port(), free_port())
            .command()
            .arg("respond")
            .args(words)
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program under test can be started");
        if let (Some(mut stdin), Some(text)) = (child.stdin.take(), piped) {
            stdin.write_all(text.as_bytes()).expect("it reads");
        }
        let stdout = child.stdout.take().expect("it is piped");
        let lines = BufReader::new(stdout).lines().take(servers);
        let lines: Vec<_> = lines.map(|line| line.expect("it prints text")).collect();
        Self {
            child,
            printed: lines.join("\n"),
        }
    }

    /// The port of an address that was printed.
    fn port(&self, index: usize) -> u16 {
        let line = self.printed.lines().nth(index).expect("it was printed");
        assert!(line.starts_with("Server address: "), "{line}");
        let (_, port) = line.rsplit_once(':').expect("there is a port");
        port.parse().expect("it is a number")
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn get(port: u16) -> String {
    let end = std::time::Instant::now() + PATIENCE;
    // The address is printed before anybody listens there.
    let mut stream = loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => break stream,
            Err(error) if std::time::Instant::now() > end => panic!("{error}"),
            Err(_) => std::thread::sleep(std::time::Duration::from_millis(10)),
        }
    };
    let request = b"GET /path HTTP/1.1\r\nHost: a.test\r\nConnection: close\r\n\r\n";
    stream.write_all(request).expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer
}

#[test]
fn every_request_is_answered_with_status_header_and_body() {
    let words = [
        "-s",
        "418",
        "-H",
        "X-A: b",
        "-l",
        "127.0.0.1:0",
        "n {{.N}} {http.request.uri}",
    ];
    let server = Responder::start(&words, None, 1);
    let answer = get(server.port(0));
    assert!(answer.starts_with("HTTP/1.1 418 "), "{answer}");
    assert!(answer.to_lowercase().contains("\r\nx-a: b\r\n"), "{answer}");
    assert!(answer.ends_with("\r\n\r\nn 0 /path"), "{answer}");
}

#[test]
fn a_number_is_the_status_and_a_pipe_is_the_body() {
    let server = Responder::start(&["404", "-l", "127.0.0.1"], None, 1);
    assert!(get(server.port(0)).starts_with("HTTP/1.1 404 "));
    let server = Responder::start(&["-l", "127.0.0.1:0"], Some("piped {{.Port}}"), 1);
    let port = server.port(0);
    let answer = get(port);
    assert!(answer.ends_with(&format!("piped {port}")), "{answer}");
}
