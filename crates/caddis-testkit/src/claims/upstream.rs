//! Upstreams in memory, which keep every byte that they get, and answer what is a whole request.

use std::io;
use std::sync::{Arc, Mutex};

use caddis_server::{Dial, Dialling, Stream, Target};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::framing::{Request, next_request};

const BUFFER: usize = 64 * 1024;

/// The upstreams of a config: each name is one.
#[derive(Clone, Default)]
pub(super) struct Upstreams(Arc<Mutex<Vec<Got>>>);

/// What came over one connection.
#[derive(Clone)]
pub(super) struct Got {
    /// The name of the upstream, with its port.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

impl Upstreams {
    /// What came over all connections so far.
    pub(super) fn got(&self) -> Vec<Got> {
        self.0.lock().expect("nobody panics with it").clone()
    }

    /// How many bytes came so far.
    pub(super) fn count(&self) -> usize {
        let got = self.0.lock().expect("nobody panics with it");
        got.iter().map(|got| got.bytes.len()).sum()
    }

    /// Every whole request with the name of the upstream that got it, each connection being well framed to its end.
    pub(super) fn requests(&self) -> Vec<(String, Request)> {
        let mut requests = Vec::new();
        for Got { name, bytes } in self.got() {
            let mut rest = &*bytes;
            loop {
                match next_request(rest) {
                    Ok(Some((request, after))) => {
                        requests.push((name.clone(), request));
                        rest = after;
                    }
                    // A client that goes away in the middle takes its request along.
                    Ok(None) => break,
                    Err(why) => panic!("{name} got {why}: {}", bytes.escape_ascii()),
                }
            }
        }
        requests
    }
}

impl Dial for Upstreams {
    fn dial<'a>(&'a self, target: &'a Target) -> Dialling<'a> {
        let (ours, theirs) = duplex(BUFFER);
        let connection = {
            let mut all = self.0.lock().expect("nobody panics with it");
            all.push(Got {
                name: target.to_string(),
                bytes: Vec::new(),
            });
            all.len() - 1
        };
        tokio::spawn(self.clone().serve(connection, theirs));
        let stream: io::Result<Box<dyn Stream>> = Ok(Box::new(ours));
        Box::pin(std::future::ready(stream))
    }
}

impl Upstreams {
    /// Answers each request, one in the moment in which its header is there, the others when their body is.
    async fn serve(self, connection: usize, mut stream: DuplexStream) {
        let (mut bytes, mut read) = (Vec::new(), [0; 4096]);
        let mut answered_early = false;
        while let Ok(count @ 1..) = stream.read(&mut read).await {
            let new = read.get(..count).unwrap_or_default();
            bytes.extend_from_slice(new);
            self.keep(connection, new);
            if !answered_early && is_early(&bytes) {
                answered_early = true;
                let early = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly";
                if stream.write_all(early).await.is_err() {
                    return;
                }
            }
            while let Ok(Some((request, after))) = next_request(&bytes) {
                bytes = after.to_vec();
                if std::mem::take(&mut answered_early) {
                    continue;
                }
                if stream.write_all(answer(&request)).await.is_err() {
                    return;
                }
                if request.target.ends_with(b"t") {
                    return;
                }
            }
        }
    }

    fn keep(&self, connection: usize, new: &[u8]) {
        let mut all = self.0.lock().expect("nobody panics with it");
        if let Some(got) = all.get_mut(connection) {
            got.bytes.extend_from_slice(new);
        }
    }
}

/// Whether a request has begun that is answered before its body is read.
fn is_early(bytes: &[u8]) -> bool {
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or(bytes);
    let is_head = bytes.windows(4).any(|end| end == b"\r\n\r\n");
    is_head && line.windows(6).any(|part| part == b"early ")
}

/// One of the forms that answers have.
fn answer(request: &Request) -> &'static [u8] {
    if request.method == "HEAD" {
        return b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n";
    }
    match request.target.last() {
        Some(b'c') => {
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Trailer: t\r\n\r\n"
        }
        Some(b'h') => {
            b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
        }
        Some(b'e') => b"HTTP/1.1 204 No Content\r\nX-Accel: no\r\n\r\n",
        Some(b'n') => b"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 9\r\n\r\n",
        // Without a length, the body ends with the connection.
        Some(b't') => b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end",
        _ => b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Secret: s\r\nContent-Type: text/plain\r\n\r\nok",
    }
}
