//! Frames of HTTP/2, as they are sent by those who want to hurt.

/// What a client says first: the preface, and settings that say nothing.
pub(super) const HELLO: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;
/// The code of a stream that its client does not want any more.
const CANCEL: [u8; 4] = [0, 0, 0, 8];
/// `GET http://localhost/`, by the table that both sides know.
const GET: &[u8] = b"\x82\x86\x84\x41\x09localhost";

/// A request, and that it is not wanted any more.
pub(super) fn request_and_reset(stream: u32, out: &mut Vec<u8>) {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, GET, out);
    frame(RST_STREAM, 0, stream, &CANCEL, out);
}

/// The beginning of a header that never ends.
pub(super) fn endless_header(stream: u32, out: &mut Vec<u8>) {
    frame(HEADERS, END_STREAM, stream, GET, out);
}

/// More of it: a field of 4 KiB.
pub(super) fn continuation(stream: u32, out: &mut Vec<u8>) {
    // A literal without indexing, with a name of one byte and a value of 4096: 127 and 3969 more, in sevens of bits.
    let mut field = b"\0\x01a\x7f\x81\x1f".to_vec();
    field.resize(field.len() + 4096, b'x');
    frame(CONTINUATION, 0, stream, &field, out);
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8], out: &mut Vec<u8>) {
    let length = u32::try_from(payload.len()).unwrap_or_default();
    let [_, length @ ..] = length.to_be_bytes();
    out.extend_from_slice(&length);
    out.extend_from_slice(&[kind, flags]);
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(payload);
}

#[cfg(test)]
mod tests {
    use super::{continuation, request_and_reset};

    #[test]
    fn a_frame_says_its_length_kind_flags_and_stream() {
        let mut out = Vec::new();
        request_and_reset(5, &mut out);
        assert_eq!(out[..12], [0, 0, 14, 1, 5, 0, 0, 0, 5, 0x82, 0x86, 0x84]);
        assert_eq!(out[23..], [0, 0, 4, 3, 0, 0, 0, 0, 5, 0, 0, 0, 8]);
        out.clear();
        continuation(1, &mut out);
        assert_eq!(out.len(), 9 + 6 + 4096);
    }
}
