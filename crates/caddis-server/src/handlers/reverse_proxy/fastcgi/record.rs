//! Records, in which everything of `FastCGI` is sent.

use std::io;

use bytes::{Buf as _, Bytes, BytesMut};

/// The version of the protocol.
const VERSION: u8 = 1;
/// The number of our request: each connection has one.
const REQUEST: [u8; 2] = [0, 1];
/// The bytes before the content.
const HEAD: usize = 8;
/// The most content of a record that we send.
const MOST: usize = u16::MAX as usize;

const BEGIN_REQUEST: u8 = 1;
const END_REQUEST: u8 = 3;
const PARAMS: u8 = 4;
const STDIN: u8 = 5;
const STDOUT: u8 = 6;
const STDERR: u8 = 7;

/// The role of a program that answers requests; the connection is closed after the answer.
const RESPONDER: [u8; 8] = [0, 1, 0, 0, 0, 0, 0, 0];

/// What a program says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// A part of the answer.
    Out(Bytes),
    /// A part of its complaints.
    Complaint(Bytes),
    /// It is done; the code says how it took the request.
    End(u8),
}

/// The beginning of a request, with its variables.
pub(super) fn begin<'a>(variables: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> BytesMut {
    let mut params = Vec::new();
    for (name, value) in variables {
        length(name.len(), &mut params);
        length(value.len(), &mut params);
        params.extend_from_slice(name);
        params.extend_from_slice(value);
    }
    let mut out = BytesMut::new();
    record(BEGIN_REQUEST, &RESPONDER, &mut out);
    for part in params.chunks(MOST) {
        record(PARAMS, part, &mut out);
    }
    record(PARAMS, &[], &mut out);
    out
}

/// A part of the body.
pub(super) fn body(part: &[u8]) -> BytesMut {
    let mut out = BytesMut::with_capacity(part.len() + HEAD);
    for part in part.chunks(MOST) {
        record(STDIN, part, &mut out);
    }
    out
}

/// The end of the body.
pub(super) fn body_end() -> BytesMut {
    let mut out = BytesMut::new();
    record(STDIN, &[], &mut out);
    out
}

fn record(kind: u8, content: &[u8], out: &mut BytesMut) {
    let length = u16::try_from(content.len()).expect("content is split before");
    out.extend_from_slice(&[VERSION, kind]);
    out.extend_from_slice(&REQUEST);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(content);
}

/// A length takes one byte if it is short.
fn length(length: usize, out: &mut Vec<u8>) {
    const LONG: u32 = 1 << 31;
    match u8::try_from(length) {
        Ok(short) if short < 128 => out.push(short),
        _ => {
            let length = u32::try_from(length).unwrap_or(u32::MAX);
            out.extend_from_slice(&(length | LONG).to_be_bytes());
        }
    }
}

/// Takes the next thing that was said out of what came in; `None` if more has to come.
pub(super) fn next(read: &mut BytesMut) -> io::Result<Option<Said>> {
    while let Some(head) = read.first_chunk::<HEAD>() {
        let [version, kind, _, _, high, low, padding, _] = *head;
        if version != VERSION {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "what answers does not speak FastCGI",
            ));
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        let padding = usize::from(padding);
        if read.len() < HEAD + length + padding {
            return Ok(None);
        }
        read.advance(HEAD);
        let content = read.split_to(length).freeze();
        read.advance(padding);
        match kind {
            STDOUT if !content.is_empty() => return Ok(Some(Said::Out(content))),
            STDERR if !content.is_empty() => return Ok(Some(Said::Complaint(content))),
            END_REQUEST => return Ok(Some(Said::End(content.get(4).copied().unwrap_or(0)))),
            // Ends of streams, and what programs say that know more than we do.
            _ => {}
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;

    use super::{Said, begin, body, next};

    #[test]
    fn variables_are_sent_with_short_and_long_lengths() {
        let long = [b'x'; 200];
        let sent = begin([(&b"A"[..], &b""[..]), (b"B", &long)].into_iter());
        let mut expected = b"\x01\x01\0\x01\0\x08\0\0\0\x01\0\0\0\0\0\0".to_vec();
        expected.extend(b"\x01\x04\0\x01\0\xd1\0\0\x01\0A\x01\x80\0\0\xc8B");
        expected.extend(long);
        expected.extend(b"\x01\x04\0\x01\0\0\0\0");
        assert_eq!(sent, expected);
    }

    #[test]
    fn a_body_is_split_into_records() {
        let sent = body(&vec![b'x'; 70_000]);
        assert_eq!(sent.len(), 70_000 + 16);
        assert_eq!(&sent[..8], b"\x01\x05\0\x01\xff\xff\0\0");
    }

    #[test]
    fn what_is_said_is_read_across_its_padding() {
        let mut read = BytesMut::from(&b"\x01\x06\0\x01\0\x02\x03\0hi..."[..]);
        read.extend_from_slice(b"\x01\x06\0\x01\0\0\0\0\x01\x07\0\x01\0\x01\0\0!");
        read.extend_from_slice(b"\x01\x03\0\x01\0\x08\0\0\0\0\0\0\x02\0\0");
        assert_eq!(next(&mut read).unwrap(), Some(Said::Out("hi".into())));
        assert_eq!(next(&mut read).unwrap(), Some(Said::Complaint("!".into())));
        assert_eq!(next(&mut read).unwrap(), None);
        read.extend_from_slice(b"\0");
        assert_eq!(next(&mut read).unwrap(), Some(Said::End(2)));
        assert!(next(&mut BytesMut::from("HTTP/1.1 400")).is_err());
    }
}
