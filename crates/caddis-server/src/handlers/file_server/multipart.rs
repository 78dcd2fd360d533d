//! Several parts of a file in one answer.

use std::collections::VecDeque;
use std::fmt::Write as _;

use bytes::Bytes;

use super::download::Piece;
use super::ranges::Range;

/// The pieces of an answer with several parts, and its type.
pub(super) fn pieces(ranges: &[Range], size: u64, kind: &[u8]) -> (VecDeque<Piece>, String) {
    let boundary = boundary();
    let mut pieces = VecDeque::with_capacity(ranges.len() * 2 + 1);
    for (index, range) in ranges.iter().enumerate() {
        let line_end = if index > 0 { "\r\n" } else { "" };
        let content_range = range.content_range(size);
        let head =
            format!("{line_end}--{boundary}\r\nContent-Range: {content_range}\r\nContent-Type: ");
        pieces.push_back(Piece::Text(Bytes::from(
            [head.as_bytes(), kind, b"\r\n\r\n"].concat(),
        )));
        pieces.push_back(Piece::Part(*range));
    }
    pieces.push_back(Piece::Text(format!("\r\n--{boundary}--\r\n").into()));
    (pieces, format!("multipart/byteranges; boundary={boundary}"))
}

fn boundary() -> String {
    let random: [u8; 30] = rand::random();
    let mut text = String::new();
    for byte in random {
        let _ = write!(text, "{byte:02x}");
    }
    text
}
