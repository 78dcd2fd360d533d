//! What a request to the backend asks for: it stands in the path.

use std::time::Duration;

/// `/stream/LINES/PAUSE`, the pause in milliseconds.
const STREAM: &[u8] = b"/stream/";
/// `/bytes/COUNT`.
const BYTES: &[u8] = b"/bytes/";
/// The backend tells the head of the request.
pub(crate) const HEAD: &str = "/head";

/// A kind of answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// A few bytes.
    Usual,
    /// So many bytes.
    Bytes(usize),
    /// The head of the request itself.
    Head,
    /// A stream.
    Stream {
        /// Of so many lines.
        lines: u64,
        /// One after this time.
        pause: Duration,
    },
}

/// The path of a stream.
pub(crate) fn stream_path(lines: u32, pause: Duration) -> String {
    format!("/stream/{lines}/{}", pause.as_millis())
}

/// The path of an answer of so many bytes.
pub(crate) fn bytes_path(count: usize) -> String {
    format!("/bytes/{count}")
}

/// Reads the path of a request.
pub(crate) fn wanted(head: &[u8]) -> Wanted {
    let path = head.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
    if let Some(rest) = path.strip_prefix(STREAM) {
        let mut numbers = rest.split(|byte| *byte == b'/').map(number);
        if let (Some(Some(lines)), Some(Some(pause))) = (numbers.next(), numbers.next()) {
            let pause = Duration::from_millis(pause);
            return Wanted::Stream { lines, pause };
        }
    }
    let bytes = path.strip_prefix(BYTES).and_then(number);
    match bytes.map(usize::try_from) {
        Some(Ok(count)) => Wanted::Bytes(count),
        _ if path == HEAD.as_bytes() => Wanted::Head,
        _ => Wanted::Usual,
    }
}

/// What a head says of the length of the body; 0 if nothing.
pub(crate) fn content_length(head: &[u8]) -> u64 {
    let name = b"content-length:";
    let mut lines = head.split(|byte| *byte == b'\n');
    let is_it = |line: &&[u8]| {
        (line.get(..name.len())).is_some_and(|start| start.eq_ignore_ascii_case(name))
    };
    let line = lines.find(is_it);
    let value = line.and_then(|line| line.get(name.len()..));
    value
        .and_then(|value| number(value.trim_ascii()))
        .unwrap_or(0)
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_stands_in_the_path() {
        let expected = Wanted::Stream {
            lines: 30,
            pause: Duration::from_millis(20),
        };
        assert_eq!(wanted(b"GET /stream/30/20 HTTP/1.1\r\n"), expected);
        assert_eq!(wanted(b"GET /stream/x/20 HTTP/1.1\r\n"), Wanted::Usual);
    }

    #[test]
    fn a_size_stands_in_the_path() {
        assert_eq!(wanted(b"GET /bytes/12 HTTP/1.1\r\n"), Wanted::Bytes(12));
        assert_eq!(wanted(b"GET / HTTP/1.1\r\n"), Wanted::Usual);
        assert_eq!(wanted(b"GET /head HTTP/1.1\r\n"), Wanted::Head);
    }

    #[test]
    fn the_length_is_found_in_any_case() {
        let head = b"POST / HTTP/1.1\r\nHost: a\r\ncontent-Length:  42\r\n\r\n";
        assert_eq!(content_length(head), 42);
        assert_eq!(content_length(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 0);
    }
}
