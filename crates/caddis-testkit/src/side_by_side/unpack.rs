//! Bodies as they were before a server packed them.

use std::io::Read;

use super::message::Message;

/// The body of a message without its encoding; one that cannot be unpacked says so.
pub(super) fn unpacked(message: &Message) -> Vec<u8> {
    let packed = &message.body[..];
    let mut body = Vec::new();
    let read = match message.field("content-encoding") {
        _ if packed.is_empty() => return body,
        Some("gzip") => flate2::read::MultiGzDecoder::new(packed).read_to_end(&mut body),
        Some("zstd") => zstd::stream::read::Decoder::new(packed)
            .and_then(|mut reader| reader.read_to_end(&mut body)),
        Some(_) | None => return packed.to_vec(),
    };
    if let Err(error) = read {
        body.extend_from_slice(format!("<cannot be unpacked: {error}>").as_bytes());
    }
    body
}
