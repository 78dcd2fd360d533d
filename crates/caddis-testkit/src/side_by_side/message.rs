//! HTTP/1.1 messages, read from a connection as they stand.

use std::io::{self, BufRead};

/// A message as it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Message {
    /// The first line.
    pub(super) start: String,
    /// Names in lower case, and values, sorted by name.
    pub(super) fields: Vec<(String, String)>,
    /// The body without its framing.
    pub(super) body: Vec<u8>,
    /// Whether it came to its end.
    pub(super) is_whole: bool,
}

/// How the end of a body is known where no field says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Else {
    /// There is no body.
    Nothing,
    /// It lasts until the connection is closed.
    UntilClose,
}

impl Message {
    /// The first value of a field.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All values of a field.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let found = self.fields.iter().filter(move |(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Reads the head of a message; `None` if the connection ends before it.
pub(super) fn head(from: &mut impl BufRead) -> io::Result<Option<Message>> {
    let mut message = Message::default();
    loop {
        let Some(line) = line(from)? else {
            return Ok(None);
        };
        if message.start.is_empty() {
            message.start = line;
        } else if line.is_empty() {
            message.fields.sort();
            return Ok(Some(message));
        } else {
            let (name, value) = line.split_once(':').unwrap_or((&line, ""));
            let field = (name.to_ascii_lowercase(), value.trim().to_owned());
            message.fields.push(field);
        }
    }
}

/// Reads the body that belongs to a head.
pub(super) fn body(message: &mut Message, from: &mut impl BufRead, otherwise: Else) {
    let is_chunked = message.field("transfer-encoding").is_some();
    let length = message
        .field("content-length")
        .and_then(|length| length.parse().ok());
    let body = &mut message.body;
    message.is_whole = match (is_chunked, length, otherwise) {
        (true, _, _) => chunks(body, from).is_ok(),
        (false, Some(length), _) => exactly(body, from, length).is_ok(),
        (false, None, Else::Nothing) => true,
        (false, None, Else::UntilClose) => from.read_to_end(body).is_ok(),
    };
}

/// A line without its end.
fn line(from: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    from.read_until(b'\n', &mut bytes)?;
    if bytes.pop() != Some(b'\n') {
        return Ok(None);
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}

fn exactly(body: &mut Vec<u8>, from: &mut impl BufRead, mut length: usize) -> io::Result<()> {
    while length > 0 {
        let there = from.fill_buf()?;
        let taken = there.len().min(length);
        if taken == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        body.extend_from_slice(there.get(..taken).unwrap_or_default());
        from.consume(taken);
        length -= taken;
    }
    Ok(())
}

fn chunks(body: &mut Vec<u8>, from: &mut impl BufRead) -> io::Result<()> {
    loop {
        let size = line(from)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let size = size.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(io::Error::other)?;
        if size == 0 {
            // Trailers, and the empty line.
            while line(from)?.is_some_and(|line| !line.is_empty()) {}
            return Ok(());
        }
        exactly(body, from, size)?;
        line(from)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_of_all_framings_are_read() {
        for text in [
            "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcX",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n2\r\nbc\r\n0\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\nabc",
        ] {
            let mut from = text.as_bytes();
            let mut message = head(&mut from).unwrap().unwrap();
            body(&mut message, &mut from, Else::UntilClose);
            assert!(message.is_whole && message.body == b"abc", "{text}");
        }
    }
}
