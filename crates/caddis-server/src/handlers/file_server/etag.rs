//! `Etag`: made of a file's time and size, or read from a file beside it.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;

use crate::files::Disk;

/// Longer ones are refused: they would be sent with every answer.
const MAX_ETAG: u64 = 1024;

/// The tag that Caddy makes. A time of 0 or 1 is that of a package whose files have no times, and says nothing.
pub(super) fn of(found: &Metadata) -> Option<String> {
    if matches!(found.mtime(), 0 | 1) {
        return None;
    }
    let nanoseconds = i128::from(found.mtime()) * 1_000_000_000 + i128::from(found.mtime_nsec());
    let (time, size) = (base_36(nanoseconds), base_36(i128::from(found.len())));
    Some(format!("\"{time}{size}\""))
}

fn base_36(number: i128) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut rest = number.unsigned_abs();
    let mut digits = Vec::new();
    loop {
        let digit = usize::try_from(rest % 36).expect("a digit is below 36");
        digits.push(DIGITS[digit]);
        rest /= 36;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        digits.push(b'-');
    }
    digits.into_iter().rev().map(char::from).collect()
}

/// The tag in the first file beside this one that is there.
pub(super) fn beside(path: &[u8], endings: &[String], disk: Disk) -> io::Result<Option<String>> {
    for ending in endings {
        let path = [path, ending.as_bytes()].concat();
        let file = match disk.open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        let length = file.metadata()?.len();
        if length > MAX_ETAG {
            return Err(io::Error::other("the file with the Etag is too long"));
        }
        let text = disk.read(&file, 0, length)?;
        let text = std::str::from_utf8(&text).map_err(io::Error::other)?;
        return Ok(Some(text.replace('\n', "")));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::base_36;

    #[test]
    fn numbers_are_written_as_go_writes_them() {
        for (number, text) in [(0, "0"), (35, "z"), (36, "10"), (-37, "-11")] {
            assert_eq!(base_36(number), text);
        }
        assert_eq!(base_36(1_700_000_000_000_000_000), "cwyvpelgpse8");
    }
}
