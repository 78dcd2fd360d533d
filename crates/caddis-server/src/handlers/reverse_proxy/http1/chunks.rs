//! A body in chunks (RFC 9112, 7.1): as strict as hyper is.

use bytes::{Buf as _, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue};
use httparse::Status;

use super::head::MAX_FIELDS;

/// How many bytes of extensions a body may have, which nobody reads.
const MAX_EXTENSIONS: usize = 16 * 1024;
/// How many bytes of trailers a body may have.
const MAX_TRAILERS: usize = 16 * 1024;

/// How far a body is.
#[derive(Debug)]
pub(super) struct Chunks {
    place: Place,
    extensions: usize,
}

#[derive(Debug, PartialEq, Eq)]
enum Place {
    /// Before the line that says how long a chunk is.
    Size,
    /// So many bytes before the end of one.
    Data(u64),
    /// Before the line end behind one.
    DataEnd,
    /// Behind the last one.
    Trailers,
    Over,
}

/// What comes next of a body.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    Data(Bytes),
    Trailers(HeaderMap),
    Over,
    /// What has not come yet.
    More,
}

type Result<T> = std::result::Result<T, &'static str>;

impl Chunks {
    pub(super) fn new() -> Self {
        Self {
            place: Place::Size,
            extensions: 0,
        }
    }

    /// Whether the body was read to its end.
    pub(super) fn is_over(&self) -> bool {
        self.place == Place::Over
    }

    /// Takes what comes next out of what was read.
    pub(super) fn next(&mut self, read: &mut BytesMut) -> Result<Next> {
        loop {
            match self.place {
                Place::Over => return Ok(Next::Over),
                Place::Trailers => return self.trailers(read),
                Place::Size => {
                    let Some(size) = self.size(read)? else {
                        return Ok(Next::More);
                    };
                    self.place = if size == 0 {
                        Place::Trailers
                    } else {
                        Place::Data(size)
                    };
                }
                Place::Data(_) if read.is_empty() => return Ok(Next::More),
                Place::Data(left) => {
                    let most = usize::try_from(left).unwrap_or(usize::MAX);
                    let data = read.split_to(most.min(read.len())).freeze();
                    self.place = match left - data.len() as u64 {
                        0 => Place::DataEnd,
                        left => Place::Data(left),
                    };
                    return Ok(Next::Data(data));
                }
                Place::DataEnd => match &read[..] {
                    [b'\r', b'\n', ..] => {
                        read.advance(2);
                        self.place = Place::Size;
                    }
                    [] | [b'\r'] => return Ok(Next::More),
                    _ => return Err("a chunk does not end with a line end"),
                },
            }
        }
    }

    /// The end that is there already, so that it goes out with what came before it.
    pub(super) fn look_for_end(&mut self, read: &mut BytesMut) {
        if self.place == Place::DataEnd && read[..] == b"\r\n0\r\n\r\n"[..] {
            read.clear();
            self.place = Place::Over;
        }
    }

    fn size(&mut self, read: &mut BytesMut) -> Result<Option<u64>> {
        let Some(end) = memchr::memchr(b'\n', read) else {
            return if read.len() < MAX_EXTENSIONS {
                Ok(None)
            } else {
                Err("the line before a chunk is too long")
            };
        };
        let line = read.get(..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").ok_or("a line ends without CR")?;
        let is_digit = |byte: &u8| byte.is_ascii_hexdigit();
        let digits = line.iter().take_while(|byte| is_digit(byte)).count();
        let (digits, rest) = line.split_at(digits);
        let size = hexadecimal(digits).ok_or("the size of a chunk is no number")?;
        match rest.trim_ascii_start() {
            [] => {}
            [b';', extension @ ..] if !extension.contains(&b'\r') => {
                self.extensions += extension.len();
            }
            _ => return Err("the size of a chunk is no number"),
        }
        if self.extensions >= MAX_EXTENSIONS {
            return Err("the extensions of chunks are too long");
        }
        read.advance(end + 1);
        Ok(Some(size))
    }

    fn trailers(&mut self, read: &mut BytesMut) -> Result<Next> {
        if read.starts_with(b"\r\n") {
            read.advance(2);
            self.place = Place::Over;
            return Ok(Next::Over);
        }
        let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
        let parsed = httparse::parse_headers(read, &mut fields);
        let Status::Complete((length, fields)) = parsed.map_err(|_| "malformed trailers")? else {
            return if read.len() < MAX_TRAILERS {
                Ok(Next::More)
            } else {
                Err("the trailers are too long")
            };
        };
        if length > MAX_TRAILERS {
            return Err("the trailers are too long");
        }
        let mut trailers = HeaderMap::with_capacity(fields.len());
        for field in fields {
            let name = HeaderName::from_bytes(field.name.as_bytes());
            let value = HeaderValue::from_bytes(field.value);
            let (Ok(name), Ok(value)) = (name, value) else {
                return Err("malformed trailers");
            };
            trailers.append(name, value);
        }
        read.advance(length);
        self.place = Place::Over;
        Ok(Next::Trailers(trailers))
    }
}

fn hexadecimal(digits: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(digits).ok()?;
    u64::from_str_radix(text, 16).ok()
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::{Chunks, MAX_EXTENSIONS, MAX_TRAILERS, Next};

    /// What comes of a body that arrives in pieces of so many bytes.
    fn read(text: &[u8], piece: usize) -> Result<(Vec<u8>, String), &'static str> {
        let mut chunks = Chunks::new();
        let mut buffer = BytesMut::new();
        let (mut data, mut trailers) = (Vec::new(), String::new());
        let mut pieces = text.chunks(piece);
        loop {
            match chunks.next(&mut buffer)? {
                Next::Data(part) => data.extend_from_slice(&part),
                Next::Trailers(fields) => trailers = format!("{fields:?}"),
                Next::Over => return Ok((data, trailers)),
                Next::More => buffer.extend_from_slice(pieces.next().ok_or("cut off")?),
            }
        }
    }

    #[test]
    fn a_body_is_the_same_in_whatever_pieces_it_comes() {
        let text = b"5\r\nhello\r\n00B ; a=\"b\"\r\n, my world!\r\n0\r\nX-A: 1\r\nX-B: 2\r\n\r\n";
        for piece in 1..=text.len() {
            let (data, trailers) = read(text, piece).unwrap();
            assert_eq!(data, b"hello, my world!");
            assert_eq!(trailers, r#"{"x-a": "1", "x-b": "2"}"#);
        }
    }

    #[test]
    fn what_is_not_framed_well_is_an_error() {
        for bad in [
            "\r\n",
            "x\r\n",
            "0x1\r\na\r\n0\r\n\r\n",
            "-1\r\n",
            "+1\r\na\r\n0\r\n\r\n",
            "1\na\n0\n\n",
            "1\r\nab\r\n0\r\n\r\n",
            "1\r\na\n0\r\n\r\n",
            "1 1\r\na\r\n",
            "fffffffffffffffff\r\n",
            "0\r\nno field\r\n\r\n",
            "1;\nx\r\na\r\n",
            "1;\rx\r\na\r\n0\r\n\r\n",
            "5\r\nhell",
        ] {
            for piece in [1, bad.len()] {
                assert!(read(bad.as_bytes(), piece).is_err(), "{bad:?}");
            }
        }
    }

    #[test]
    fn extensions_and_trailers_have_an_end() {
        let extension = format!("1;{}\r\na\r\n", "x".repeat(MAX_EXTENSIONS / 4));
        assert!(read(format!("{extension}0\r\n\r\n").as_bytes(), 100).is_ok());
        let many = format!("{}0\r\n\r\n", extension.repeat(5));
        assert!(read(many.as_bytes(), 100).is_err());
        let endless = format!("1;{}", "x".repeat(2 * MAX_EXTENSIONS));
        assert_eq!(
            read(endless.as_bytes(), 100),
            Err("the line before a chunk is too long")
        );
        let trailers = format!("0\r\nA: {}", "x".repeat(2 * MAX_TRAILERS));
        assert_eq!(
            read(trailers.as_bytes(), 100),
            Err("the trailers are too long")
        );
    }

    #[test]
    fn an_end_that_is_there_is_seen_at_once() {
        let mut chunks = Chunks::new();
        let mut buffer = BytesMut::from(&b"1\r\na\r\n0\r\n\r\n"[..]);
        assert_eq!(chunks.next(&mut buffer), Ok(Next::Data("a".into())));
        chunks.look_for_end(&mut buffer);
        assert!(chunks.is_over() && buffer.is_empty());
    }
}
