//! A server with an admin endpoint, and requests to it as they are written.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::curl::plain;
use crate::server::{PATIENCE, Server, free_port};

/// A server with an admin endpoint.
pub(crate) struct Managed {
    pub(crate) server: Server,
    pub(crate) admin: u16,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Managed {
    pub(crate) fn start() -> Self {
        let (http, https, admin) = (free_port(), free_port(), free_port());
        let config = caddyfile(http, https, admin, "hello");
        let server = Server::start_as_it_stands(&config, http, https);
        Self { server, admin }
    }

    /// Another config on the same ports.
    pub(crate) fn config(&self, word: &str) -> String {
        caddyfile(self.server.http, self.server.https, self.admin, word)
    }

    pub(crate) fn send(&self, request: &str) -> Answer {
        send(self.admin, request)
    }

    pub(crate) fn load(&self, kind: &str, config: &str) -> Answer {
        self.send(&format!(
            "POST /load HTTP/1.1\nHost: localhost:{{P}}\nContent-Type: {kind}\n\n{config}"
        ))
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET {path} HTTP/1.1\nHost: localhost:{{P}}"))
    }

    /// The log, once it says something.
    pub(crate) fn log_with(&self, text: &str) -> String {
        let start = Instant::now();
        while !self.server.log().contains(text) && start.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(10));
        }
        self.server.log()
    }

    /// What the site says.
    pub(crate) fn word(&self) -> String {
        plain(&self.server, "plain.example.com", "/", &[]).body
    }
}

/// Sends a request as it is written, with `{P}` for the port; what follows an empty line is its body.
pub(crate) fn send(admin: u16, request: &str) -> Answer {
    exchange(admin, &written(admin, request))
}

/// The same where nobody may be there any more, or go in the middle of it.
pub(crate) fn try_send(admin: u16, request: &str) {
    if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", admin)) {
        let patience = stream.set_read_timeout(Some(PATIENCE));
        patience.expect("it is not zero");
        stream.write_all(&written(admin, request)).ok();
        stream.read_to_end(&mut Vec::new()).ok();
    }
}

fn written(admin: u16, request: &str) -> Vec<u8> {
    let request = request.replace("{P}", &admin.to_string());
    let (head, body) = request.split_once("\n\n").unwrap_or((&request, ""));
    let mut bytes = head.lines().collect::<Vec<_>>().join("\r\n");
    if !body.is_empty() || head.starts_with('P') {
        write!(bytes, "\r\nContent-Length: {}", body.len()).expect("strings take every text");
    }
    write!(bytes, "\r\nConnection: close\r\n\r\n{body}").expect("strings take every text");
    bytes.into_bytes()
}

pub(crate) fn exchange(admin: u16, bytes: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", admin)).expect("the endpoint listens");
    let patience = stream.set_read_timeout(Some(PATIENCE));
    patience.expect("it is not zero");
    // The answer to a request that is refused may come before all of it is read.
    stream.write_all(bytes).ok();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Answer {
        status: status.unwrap_or_default(),
        head: head.to_lowercase(),
        body: body.to_owned(),
    }
}

pub(crate) fn caddyfile(http: u16, https: u16, admin: u16, word: &str) -> String {
    format!(
        "{{\n\tadmin localhost:{admin}\n\thttp_port {http}\n\thttps_port {https}\n\tlocal_certs\n\tskip_install_trust\n}}\n\
         https://hello.example.com {{\n\trespond hello\n}}\n\
         http://plain.example.com {{\n\trespond {word}\n}}\n"
    )
}
