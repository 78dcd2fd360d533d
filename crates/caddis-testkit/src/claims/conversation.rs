//! A client that says all it has to say at once, waits until nothing happens any more, and goes.

use std::sync::Arc;
use std::time::Duration;

use caddis_server::InMemory;
use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex, split};
use tokio::task::yield_now;

use super::served::CLIENT;

const BUFFER: usize = 64 * 1024;
/// So many turns of the runtime without a new byte, and nothing more will come.
const QUIET: usize = 40;
/// By far more than any conversation takes: one that is not over is stuck.
const PATIENCE: Duration = Duration::from_secs(20);
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Frames of HTTP/2, and what is noted in them.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// What is left of a length in HPACK that does not fit into seven bits.
const SEVEN_BITS: usize = 127;

/// What the client says.
pub(super) struct Said(Vec<u8>);

impl Said {
    /// Reads the input of a fuzzer, and whether it is HTTP/1.1.
    pub(super) fn read(bytes: &[u8]) -> Option<(Self, bool)> {
        match bytes {
            [b'1', b'\n', rest @ ..] => Some((Self(rest.to_vec()), true)),
            [b'2', b'\n', rest @ ..] => Some((Self([&begin(), rest].concat()), false)),
            [b'3', b'\n', rest @ ..] => {
                let mut said = begin();
                let requests = split_at(rest, b"\n---\n");
                for (index, request) in requests.into_iter().enumerate() {
                    let stream = u32::try_from(index).ok()?.checked_mul(2)? + 1;
                    say(request, stream, &mut said);
                }
                Some((Self(said), false))
            }
            _ => None,
        }
    }
}

/// The preface, and settings that say nothing.
fn begin() -> Vec<u8> {
    let mut said = PREFACE.to_vec();
    frame(SETTINGS, 0, 0, &[], &mut said);
    said
}

/// A request of lines, and of a body if there is an empty one.
fn say(request: &[u8], stream: u32, said: &mut Vec<u8>) {
    let parts = split_at(request, b"\n\n");
    let (head, body) = (parts.first().copied().unwrap_or_default(), parts.get(1));
    let mut block = Vec::new();
    for line in head.split(|byte| *byte == b'\n') {
        // The names of pseudo-fields begin with a colon.
        let colon = line.iter().skip(1).position(|byte| *byte == b':');
        let (name, value) = line.split_at(colon.map_or(line.len(), |at| at + 1));
        let value = value.strip_prefix(b":").unwrap_or(value);
        let value = value.strip_prefix(b" ").unwrap_or(value);
        // A field that is written out, and goes into no table.
        block.push(0);
        literal(name, &mut block);
        literal(value, &mut block);
    }
    let end = if body.is_some() { 0 } else { END_STREAM };
    frame(HEADERS, END_HEADERS | end, stream, &block, said);
    if let Some(body) = body {
        frame(DATA, END_STREAM, stream, body, said);
    }
}

fn literal(text: &[u8], block: &mut Vec<u8>) {
    match u8::try_from(text.len()) {
        Ok(length) if text.len() < SEVEN_BITS => block.push(length),
        _ => {
            block.push(0x7f);
            let mut rest = text.len() - SEVEN_BITS;
            while rest >= 0x80 {
                block.push(u8::try_from(rest % 0x80).unwrap_or_default() | 0x80);
                rest /= 0x80;
            }
            block.push(u8::try_from(rest).unwrap_or_default());
        }
    }
    block.extend(text);
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8], said: &mut Vec<u8>) {
    let length = u32::try_from(payload.len())
        .unwrap_or(u32::MAX)
        .to_be_bytes();
    said.extend(length.get(1..).unwrap_or_default());
    said.extend([kind, flags]);
    said.extend(stream.to_be_bytes());
    said.extend(payload);
}

fn split_at<'a>(bytes: &'a [u8], mark: &[u8]) -> Vec<&'a [u8]> {
    let (mut parts, mut rest) = (Vec::new(), bytes);
    while let Some(at) = rest.windows(mark.len()).position(|part| part == mark) {
        parts.push(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + mark.len()..).unwrap_or_default();
    }
    parts.push(rest);
    parts
}

/// Says it to a server, and returns what the server says; `progress` grows with all else that happens.
pub(super) async fn converse(
    server: &InMemory,
    said: &Said,
    progress: impl Fn() -> usize,
) -> Vec<u8> {
    let (ours, theirs) = duplex(BUFFER);
    let (mut from, mut to) = split(ours);
    let heard = Arc::new(std::sync::Mutex::new(Vec::new()));
    let hearing = Arc::clone(&heard);
    let listens = async move {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = from.read(&mut bytes).await {
            let mut heard = hearing.lock().expect("nobody panics with it");
            heard.extend(bytes.get(..count).unwrap_or_default());
        }
    };
    let count = || heard.lock().expect("nobody panics with it").len() + progress();
    let speaks = async {
        let written = to.write_all(&said.0).await;
        let (mut last, mut quiet) = (count(), 0);
        while quiet < QUIET && written.is_ok() {
            yield_now().await;
            let now = count();
            quiet = if now == last { quiet + 1 } else { 0 };
            last = now;
        }
        let _ = to.shutdown().await;
    };
    // How the connection ends is seen in what is heard.
    let answers = async { drop(server.serve(theirs, CLIENT).await) };
    let all = async { tokio::join!(answers, speaks, listens) };
    let ended = tokio::time::timeout(PATIENCE, all).await;
    assert!(ended.is_ok(), "the connection never ends");
    let heard = heard.lock().expect("nobody panics with it");
    heard.clone()
}
