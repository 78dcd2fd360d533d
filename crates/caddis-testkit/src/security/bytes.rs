//! Bytes as they are written in cases.

/// The bytes that a line stands for, without its end.
pub(super) fn read(line: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        rest = escape(after, &mut bytes).ok_or_else(|| format!("`\\{after}` is no escape"))?;
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

/// Reads one escape, and returns what comes behind it.
fn escape<'a>(text: &'a str, bytes: &mut Vec<u8>) -> Option<&'a str> {
    let simple = [("r", b'\r'), ("n", b'\n'), ("t", b'\t'), ("\\", b'\\')];
    for (letter, byte) in simple {
        if let Some(rest) = text.strip_prefix(letter) {
            bytes.push(byte);
            return Some(rest);
        }
    }
    if let Some(rest) = text.strip_prefix('x') {
        bytes.push(u8::from_str_radix(rest.get(..2)?, 16).ok()?);
        return rest.get(2..);
    }
    let (repeated, rest) = text.strip_prefix('{')?.split_once('}')?;
    let (times, what) = repeated.split_once('*')?;
    bytes.extend(read(what).ok()?.repeat(times.parse().ok()?));
    Some(rest)
}

/// Bytes as a text for people.
pub(super) fn show(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'\r' => text.push_str("\\r"),
            b'\n' => text.push_str("\\n"),
            b'\\' => text.push_str("\\\\"),
            0x20..=0x7e => text.push(char::from(byte)),
            _ => text.push_str(&format!("\\x{byte:02x}")),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_bytes() {
        assert_eq!(
            read(r"a\r\n\x00\\ \{3*b\n}c").unwrap(),
            b"a\r\n\0\\ b\nb\nb\nc"
        );
        assert!(read(r"\q").is_err());
    }

    #[test]
    fn what_is_shown_can_be_read_again() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(read(&show(&all)).unwrap(), all);
    }
}
