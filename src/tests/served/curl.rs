//! curl and nghttp, as people run them.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::server::Server;

/// The name that the guide's configs serve.
pub(crate) const NAME: &str = "ollama.example.com";

/// What curl got.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// `HTTP/1.1` or `HTTP/2`.
    pub(crate) version: String,
    /// The status line and the fields, in lower case.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a field.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// Asks the guide's host over TLS, which curl verifies with the root of the server's CA.
pub(crate) fn curl(server: &Server, path: &str, arguments: &[&str]) -> Answer {
    let output = command(server, NAME, path)
        .args(arguments)
        .output()
        .expect("curl is installed");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "curl: {error}\n{}", server.log());
    parse(&String::from_utf8_lossy(&output.stdout))
}

/// Asks a host and returns what curl says when it cannot even shake hands.
pub(crate) fn refused(server: &Server, host: &str) -> String {
    let output = command(server, host, "/")
        .output()
        .expect("curl is installed");
    assert!(!output.status.success(), "{host} is served");
    String::from_utf8_lossy(&output.stderr).into()
}

/// Asks without TLS.
pub(crate) fn plain(server: &Server, host: &str, path: &str, arguments: &[&str]) -> Answer {
    plain_at(server.http, host, path, arguments)
}

/// Asks without TLS at a port of the loopback, whoever serves there.
pub(crate) fn plain_at(port: u16, host: &str, path: &str, arguments: &[&str]) -> Answer {
    let output = base()
        .args(["--resolve", &format!("{host}:{port}:127.0.0.1")])
        .arg(format!("http://{host}:{port}{path}"))
        .args(arguments)
        .output()
        .expect("curl is installed");
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "curl: {error}");
    parse(&String::from_utf8_lossy(&output.stdout))
}

/// The frames of a request over HTTP/2: curl 7 says nothing of an answer that comes before the request ends.
pub(crate) fn nghttp(server: &Server, path: &str, arguments: &[&str]) -> String {
    let output = Command::new("nghttp")
        .args(["--verbose", "--no-verify-peer", "--timeout=60"])
        .args(["--header", &format!(":authority: {NAME}")])
        .args(arguments)
        .arg(format!("https://localhost:{}{path}", server.https))
        .output()
        .expect("nghttp is installed");
    String::from_utf8_lossy(&output.stdout).into()
}

fn base() -> Command {
    let mut command = Command::new("curl");
    command.args([
        "--silent",
        "--show-error",
        "--include",
        "--no-buffer",
        "--max-time",
        "60",
    ]);
    // A proxy of the machine has nothing to do with a server on the loopback.
    command.args(["--noproxy", "*"]);
    command
}

fn command(server: &Server, host: &str, path: &str) -> Command {
    over_tls(server.https, &server.root(), host, path)
}

/// Asks a host over TLS at a port of the loopback, whoever serves there, with a root to verify it.
pub(crate) fn try_curl(
    (port, root): (u16, &Path),
    host: &str,
    path: &str,
    arguments: &[&str],
) -> Result<Answer, String> {
    let output = over_tls(port, root, host, path)
        .args(arguments)
        .output()
        .expect("curl is installed");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(parse(&String::from_utf8_lossy(&output.stdout)))
}

fn over_tls(port: u16, root: &Path, host: &str, path: &str) -> Command {
    let mut command = base();
    command
        .arg("--cacert")
        .arg(root)
        .args(["--resolve", &format!("{host}:{port}:127.0.0.1")])
        .arg(format!("https://{host}:{port}{path}"));
    command
}

fn parse(text: &str) -> Answer {
    let mut rest = text;
    loop {
        let (head, body) = rest.split_once("\r\n\r\n").expect("an answer has a head");
        let mut words = head.split([' ', '\r']);
        let version = words.next().unwrap_or_default().to_owned();
        let status = words.next().and_then(|word| word.parse().ok());
        let status: u16 = status.expect("an answer has a status");
        if status >= 200 {
            return Answer {
                status,
                version,
                head: head.to_lowercase(),
                body: body.to_owned(),
            };
        }
        rest = body;
    }
}

/// An answer that is read as it comes.
pub(crate) struct Stream {
    child: Child,
    lines: BufReader<ChildStdout>,
    in_head: bool,
}

impl Stream {
    /// Asks. The head is not waited for: Caddy sends it together with the first piece of the body.
    pub(crate) fn open(server: &Server, path: &str, arguments: &[&str]) -> Self {
        let mut child = command(server, NAME, path)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("curl is installed");
        let lines = BufReader::new(child.stdout.take().expect("it is piped"));
        Self {
            child,
            lines,
            in_head: true,
        }
    }

    /// The next line of the body, without its end; empty at the end of the answer.
    pub(crate) fn line(&mut self) -> String {
        if self.in_head {
            self.in_head = false;
            while !self.line().is_empty() {}
        }
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("curl writes text");
        line.truncate(line.trim_end().len());
        line
    }

    /// The rest, and whether curl found the answer complete.
    pub(crate) fn finish(mut self) -> (String, bool) {
        let mut rest = String::new();
        self.lines
            .read_to_string(&mut rest)
            .expect("curl writes text");
        (rest, self.child.wait().is_ok_and(|status| status.success()))
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
