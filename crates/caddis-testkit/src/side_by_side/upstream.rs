//! Upstreams that say what they were asked for, and keep a record of it.

use std::fmt::Write as _;
use std::io::{BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::message::{self, Else, Message};

/// What the upstreams of a server were asked.
#[derive(Clone, Debug, Default)]
pub(super) struct Upstreams(Arc<Mutex<Vec<(u16, Message)>>>);

/// No connection of a test is idle for longer.
const IDLE: Duration = Duration::from_secs(30);

impl Upstreams {
    /// Takes connections for as long as the process lives; each case has listeners of its own.
    pub(super) fn serve(&self, listeners: Vec<(u16, TcpListener)>) {
        for (port, listener) in listeners {
            let upstreams = self.clone();
            std::thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let upstreams = upstreams.clone();
                    std::thread::spawn(move || upstreams.talk(port, &stream));
                }
            });
        }
    }

    /// What was asked so far, with the port of who was asked.
    pub(super) fn asked(&self) -> Vec<(u16, Message)> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn talk(&self, port: u16, stream: &TcpStream) {
        let _ = stream.set_read_timeout(Some(IDLE));
        let mut from = BufReader::new(stream);
        while let Ok(Some(mut request)) = message::head(&mut from) {
            message::body(&mut request, &mut from, Else::Nothing);
            let answer = answer(port, &request);
            let wait = number(&request, "x-answer-after").unwrap_or(0);
            let breaks = request.field("x-answer-break").is_some();
            let is_silent = request.field("x-answer-nothing-on") == Some(&port.to_string());
            let closes = request.field("connection") == Some("close");
            if request.field("x-answer-unrecorded").is_none() {
                let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                asked.push((port, request));
            }
            std::thread::sleep(Duration::from_millis(wait));
            if is_silent {
                return;
            }
            let end = if breaks {
                answer.len() - 2
            } else {
                answer.len()
            };
            let mut to = stream;
            if to.write_all(&answer[..end]).is_err() || breaks || closes {
                return;
            }
        }
    }
}

fn number(request: &Message, name: &str) -> Option<u64> {
    request.field(name)?.parse().ok()
}

/// The status of `/fails-503` and `/fails-503-on-9002`.
fn failing(port: u16, target: &str) -> Option<u64> {
    let rest = target.strip_prefix("/fails-")?;
    let (status, on) = rest.split_at_checked(3)?;
    let is_here = on
        .strip_prefix("-on-")
        .is_none_or(|on| on.starts_with(&port.to_string()));
    is_here.then(|| status.parse().ok()).flatten()
}

fn answer(port: u16, request: &Message) -> Vec<u8> {
    let mut words = request.start.split(' ');
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let status = number(request, "x-answer-status").or_else(|| failing(port, target));
    let status = status.unwrap_or(200);
    let mut head = format!("HTTP/1.1 {status} Said\r\n");
    let fields: Vec<_> = request.all("x-answer-header").collect();
    let has = |name: &str| {
        fields
            .iter()
            .any(|field| field.to_ascii_lowercase().starts_with(name))
    };
    if !has("content-type:") {
        head.push_str("Content-Type: text/plain\r\n");
    }
    for field in &fields {
        head.push_str(field);
        head.push_str("\r\n");
    }
    let mut bytes = Vec::new();
    let is_without = method == "HEAD" || matches!(status, 204 | 304);
    if let Some(chunks) = request.field("x-answer-chunks") {
        bytes.extend_from_slice(format!("{head}Transfer-Encoding: chunked\r\n\r\n").as_bytes());
        for chunk in chunks.split(',').filter(|_| !is_without) {
            bytes.extend_from_slice(format!("{:x}\r\n{chunk}\r\n", chunk.len()).as_bytes());
        }
        bytes.extend_from_slice(if is_without { b"" } else { b"0\r\n\r\n" });
        return bytes;
    }
    let body = body(port, request, method, target);
    if !has("content-length:") && status != 204 {
        let _ = write!(head, "Content-Length: {}\r\n", body.len());
    }
    bytes.extend_from_slice(format!("{head}\r\n").as_bytes());
    bytes.extend_from_slice(if is_without { b"" } else { body.as_bytes() });
    bytes
}

fn body(port: u16, request: &Message, method: &str, target: &str) -> String {
    if let Some(text) = request.field("x-answer-body") {
        return text.to_owned();
    }
    let Some(size) = number(request, "x-answer-size").and_then(|size| usize::try_from(size).ok())
    else {
        return format!("{port} answers {method} {target}\n");
    };
    "a text that can be packed well, ".repeat(size / 32 + 1)[..size].to_owned()
}
