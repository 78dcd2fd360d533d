//! Upstreams that read strictly and write down what they get.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::bytes::show;
use super::case::{Asked, FIRST_UPSTREAM, TUNNEL};

/// The upstreams of one server.
#[derive(Clone, Debug, Default)]
pub(super) struct Upstreams(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    asked: Vec<Asked>,
    /// What the next request is answered.
    answer: Vec<u8>,
    /// Connections in the middle of a request.
    busy: usize,
}

/// How long a request may be on its way after the client is done.
const SETTLING: Duration = Duration::from_secs(10);
const STEP: Duration = Duration::from_millis(1);
/// The largest body that is kept.
const MAX_BODY: usize = 64 << 20;
const OK: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const OK_WITHOUT_BODY: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
const PROBED: &[u8] = b"HTTP/1.1 200 OK\r\nX-Probe: yes\r\nContent-Length: 0\r\n\r\n";
const NOBODY: &[u8] = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
const SOMEBODY: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const ALICE: &[u8] = b"HTTP/1.1 200 OK\r\nX-User-Id: alice\r\nContent-Length: 0\r\n\r\n";

impl Upstreams {
    /// Takes connections for as long as the process lives.
    pub(super) fn serve(&self, listeners: Vec<(u16, TcpListener)>) {
        for (port, listener) in listeners {
            let upstreams = self.clone();
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let upstreams = upstreams.clone();
                    std::thread::spawn(move || Talk::new(port, stream, upstreams).run());
                }
            });
        }
    }

    /// Forgets what was asked; the next request gets this answer.
    pub(super) fn begin(&self, answer: &[u8]) {
        let mut state = self.state();
        state.asked.clear();
        answer.clone_into(&mut state.answer);
    }

    /// What was asked, when nothing is on its way any more.
    pub(super) fn asked(&self) -> Vec<Asked> {
        let began = Instant::now();
        while self.state().busy > 0 && began.elapsed() < SETTLING {
            std::thread::sleep(STEP);
        }
        self.state().asked.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection.
struct Talk {
    port: u16,
    stream: TcpStream,
    upstreams: Upstreams,
    /// What came and was not read yet.
    ahead: Vec<u8>,
    is_busy: bool,
}

/// The connection is at its end, or cannot be understood.
struct Over;

impl Talk {
    fn new(port: u16, stream: TcpStream, upstreams: Upstreams) -> Self {
        Self {
            port,
            stream,
            upstreams,
            ahead: Vec::new(),
            is_busy: false,
        }
    }

    fn run(mut self) {
        while let Ok(asked) = self.request() {
            let answer = self.answer(&asked);
            self.upstreams.state().asked.push(asked);
            if self.stream.write_all(&answer).is_err() {
                break;
            }
            if answer.starts_with(b"HTTP/1.1 101") {
                self.tunnel();
                break;
            }
            if contains(&answer.to_ascii_lowercase(), b"connection: close\r\n") {
                break;
            }
        }
        self.busy(false);
    }

    fn request(&mut self) -> Result<Asked, Over> {
        if self.ahead.is_empty() {
            self.busy(false);
        }
        loop {
            if let Some(end) = find(&self.ahead, b"\r\n\r\n") {
                let head: Vec<u8> = self.ahead.drain(..end + 4).collect();
                let Some(mut asked) = read_head(self.port, &head[..end]) else {
                    return Err(self.rubbish(&head));
                };
                return self.body(&mut asked).map(|()| asked);
            }
            if self.fill().is_err() {
                if self.ahead.is_empty() {
                    return Err(Over);
                }
                let rest = std::mem::take(&mut self.ahead);
                return Err(self.rubbish(&rest));
            }
        }
    }

    fn body(&mut self, asked: &mut Asked) -> Result<(), Over> {
        let length = asked.field("content-length").map(str::to_owned);
        let read = match (asked.field("transfer-encoding"), length) {
            (Some(_), _) => self.chunks(),
            (None, Some(length)) => match length.parse() {
                Ok(length) => self.take(length).map(|()| length),
                Err(_) => Err(0),
            },
            (None, None) => Ok(0),
        };
        match read {
            Ok(length) => {
                asked.body = length;
                Ok(())
            }
            Err(length) => {
                asked.body = length;
                asked.is_broken = true;
                self.upstreams.state().asked.push(asked.clone());
                Err(Over)
            }
        }
    }

    /// The length of a chunked body; with an error, of as much as came.
    fn chunks(&mut self) -> Result<usize, usize> {
        let mut total = 0;
        loop {
            let line = self.line().ok_or(total)?;
            let size = std::str::from_utf8(&line).ok();
            let is_plain = line.len() <= 16 && line.iter().all(u8::is_ascii_hexdigit);
            let size = size.filter(|_| is_plain).ok_or(total)?;
            let size = usize::from_str_radix(size, 16).map_err(|_| total)?;
            if size == 0 {
                while !self.line().ok_or(total)?.is_empty() {}
                return Ok(total);
            }
            self.take(size).map_err(|part| total + part)?;
            total += size;
            if !self.line().ok_or(total)?.is_empty() {
                return Err(total);
            }
        }
    }

    fn line(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(end) = find(&self.ahead, b"\r\n") {
                let mut line: Vec<u8> = self.ahead.drain(..end + 2).collect();
                line.truncate(end);
                return Some(line);
            }
            self.fill().ok()?;
        }
    }

    /// Reads so many bytes; with an error, how many came.
    fn take(&mut self, length: usize) -> Result<(), usize> {
        while self.ahead.len() < length.min(MAX_BODY) {
            if self.fill().is_err() {
                return Err(self.ahead.len());
            }
        }
        if length > MAX_BODY {
            return Err(MAX_BODY);
        }
        self.ahead.drain(..length);
        Ok(())
    }

    /// Reads more. A connection between two requests is not busy.
    fn fill(&mut self) -> Result<(), Over> {
        let mut room = vec![0; 64 * 1024];
        let count = self.stream.read(&mut room).unwrap_or(0);
        if count == 0 {
            return Err(Over);
        }
        self.busy(true);
        self.ahead.extend_from_slice(&room[..count]);
        Ok(())
    }

    fn tunnel(&mut self) {
        let mut bytes = std::mem::take(&mut self.ahead);
        let _ = self.stream.read_to_end(&mut bytes);
        self.upstreams.state().asked.push(Asked {
            port: self.port,
            line: TUNNEL.into(),
            body: bytes.len(),
            ..Asked::default()
        });
    }

    /// Writes down what no server may send.
    fn rubbish(&mut self, bytes: &[u8]) -> Over {
        self.upstreams.state().asked.push(Asked {
            port: self.port,
            line: format!("rubbish {}", show(bytes)),
            ..Asked::default()
        });
        Over
    }

    fn answer(&mut self, asked: &Asked) -> Vec<u8> {
        let mut state = self.upstreams.state();
        let answer = match (self.port, asked.field("authorization")) {
            (FIRST_UPSTREAM, _) if asked.line.starts_with("GET /probe ") => PROBED,
            (FIRST_UPSTREAM, _) if !state.answer.is_empty() => {
                return std::mem::take(&mut state.answer);
            }
            (FIRST_UPSTREAM, _) if asked.line.starts_with("HEAD ") => OK_WITHOUT_BODY,
            (FIRST_UPSTREAM, _) => OK,
            (_, Some("Bearer good")) => SOMEBODY,
            (_, Some("Bearer alice")) => ALICE,
            _ => NOBODY,
        };
        answer.to_vec()
    }

    fn busy(&mut self, is_busy: bool) {
        if self.is_busy == is_busy {
            return;
        }
        self.is_busy = is_busy;
        let mut state = self.upstreams.state();
        state.busy = if is_busy {
            state.busy + 1
        } else {
            state.busy - 1
        };
    }
}

/// The head of a request, if nobody can read it in another way.
fn read_head(port: u16, head: &[u8]) -> Option<Asked> {
    let mut lines = Vec::new();
    let mut rest = head;
    while let Some(end) = find(rest, b"\r\n") {
        lines.push(&rest[..end]);
        rest = &rest[end + 2..];
    }
    lines.push(rest);
    let is_odd = |line: &&[u8]| line.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n'));
    if lines.iter().any(is_odd) {
        return None;
    }
    let mut lines = lines.into_iter();
    let line = lines.next()?;
    let words: Vec<_> = line.split(|byte| *byte == b' ').collect();
    let [method, target, b"HTTP/1.1"] = words[..] else {
        return None;
    };
    // Letters beyond ASCII go up in a query as they came, as with Caddy.
    let is_clean = target.iter().all(|byte| *byte > 0x20 && *byte != 0x7f);
    if !is_token(method) || target.is_empty() || !is_clean {
        return None;
    }
    let mut asked = Asked {
        port,
        line: show(line),
        ..Asked::default()
    };
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        let (name, value) = line.split_at(colon);
        if !is_token(name) {
            return None;
        }
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        asked.fields.push((show(name), show(value)));
    }
    is_framed_once(&asked).then_some(asked)
}

fn is_framed_once(asked: &Asked) -> bool {
    let count = |wanted: &str| {
        let is_it = |name: &String| name.eq_ignore_ascii_case(wanted);
        asked.fields.iter().filter(|(name, _)| is_it(name)).count()
    };
    let chunked = asked.field("transfer-encoding");
    let length = asked.field("content-length");
    let is_number = |length: &str| !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit());
    count("transfer-encoding") + count("content-length") <= 1
        && count("host") == 1
        && chunked.is_none_or(|encoding| encoding == "chunked")
        && length.is_none_or(is_number)
}

fn is_token(bytes: &[u8]) -> bool {
    let is_taken = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    !bytes.is_empty() && bytes.iter().all(is_taken)
}

pub(super) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .position(|window| window == wanted)
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    find(bytes, wanted).is_some()
}
