//! Whether the header of a request says in two ways where its body ends.
//!
//! hyper reads such a request by its chunks and hides that it names a length too; whoever stands before us may have
//! counted by that. A look at the first letter of each line finds out.

/// What bytes that came in are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    /// The beginning of a request's header.
    Begin,
    /// More of a header.
    Header,
    /// Anything else.
    Other,
}

/// Reads along with the header of a request, in whatever pieces it comes.
#[derive(Debug, Default)]
pub(super) struct Framing {
    /// The beginning of a line that came in pieces, in small letters.
    line: [u8; LONGEST],
    length: usize,
    at: Place,
    has_length: bool,
    has_encoding: bool,
}

/// Where in a header it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Before the first line, where there may be empty ones.
    #[default]
    Before,
    /// At the start of a line.
    Line,
    /// In a name that may be one of the two.
    Name,
    /// In what says nothing.
    Rest,
    /// Behind the empty line.
    Over,
}

const LENGTH: &[u8] = b"content-length:";
const ENCODING: &[u8] = b"transfer-encoding:";
const LONGEST: usize = ENCODING.len();

impl Framing {
    /// Reads on; true if the header has both a length and an encoding.
    pub(super) fn reads(&mut self, mut bytes: &[u8]) -> bool {
        while let Some((byte, rest)) = bytes.split_first() {
            bytes = match (self.at, byte) {
                (Place::Over, _) => break,
                (Place::Before, b'\r' | b'\n') => rest,
                (Place::Line, b'\r') => rest,
                (Place::Line, b'\n') => {
                    self.ends();
                    rest
                }
                (Place::Line, b'c' | b'C' | b't' | b'T') => {
                    (self.at, self.length) = (Place::Name, 0);
                    self.name(*byte);
                    rest
                }
                (Place::Name, _) => {
                    self.name(*byte);
                    rest
                }
                (Place::Before | Place::Line | Place::Rest, _) => self.skip(bytes),
            };
        }
        self.has_length && self.has_encoding
    }

    /// Where nothing says that there is a body, the next header may stand right behind this one.
    fn ends(&mut self) {
        self.at = if self.has_length || self.has_encoding {
            Place::Over
        } else {
            Place::Before
        };
    }

    /// Goes to the next line, if it is there yet.
    fn skip<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let end = memchr::memchr(b'\n', bytes);
        self.at = if end.is_some() {
            Place::Line
        } else {
            Place::Rest
        };
        end.and_then(|end| bytes.get(end + 1..)).unwrap_or_default()
    }

    fn name(&mut self, byte: u8) {
        if byte == b'\n' {
            self.at = Place::Line;
            return;
        }
        if let Some(place) = self.line.get_mut(self.length) {
            *place = byte.to_ascii_lowercase();
            self.length += 1;
        }
        let name = self.line.get(..self.length).unwrap_or_default();
        if byte == b':' || self.length == LONGEST {
            self.has_length |= name == LENGTH;
            self.has_encoding |= name == ENCODING;
            self.at = Place::Rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Framing;

    const BOTH: &str = "\r\nPOST / HTTP/1.1\r\nContent-Type: a\r\ncontent-LENGTH:3\r\nTe: a\r\nTransfer-Encoding: x\r\n\r\n";

    #[test]
    fn a_header_with_both_is_found_in_whatever_pieces_it_comes() {
        for size in 1..BOTH.len() {
            let mut framing = Framing::default();
            let found = BOTH.as_bytes().chunks(size).any(|part| framing.reads(part));
            assert!(found, "{size}");
        }
    }

    #[test]
    fn a_header_with_both_is_found_behind_others_without_bodies() {
        let piped = format!("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\n\n{BOTH}");
        assert!(Framing::default().reads(piped.as_bytes()));
    }

    #[test]
    fn one_of_the_two_is_not_both_and_bodies_are_not_looked_at() {
        for header in [
            "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nTransfer-Encoding: x\r\n",
            "POST / HTTP/1.1\nTransfer-Encoding: x\n\nContent-Length: 3\r\n",
            "Content-Length: / HTTP/1.1\r\nTransfer-Encoding: x\r\n\r\n",
            "POST / HTTP/1.1\r\nX-Content-Length: 3\r\nTransfer-Encoding-Too: x\r\nTransfer-Encoding: x\r\n\r\n",
            "\n\nPOST / HTTP/1.1\nA: Content-Length: 3\nTransfer-Encoding: x\n\n",
        ] {
            for size in 1..header.len() {
                let mut framing = Framing::default();
                let mut parts = header.as_bytes().chunks(size);
                assert!(!parts.any(|part| framing.reads(part)), "{header}");
            }
        }
    }
}
