//! `Range`, as Go's `net/http` reads it.

/// A part of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) start: u64,
    pub(super) length: u64,
}

/// Why no part is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Unreadable,
    /// All parts lie behind the end.
    Behind,
}

impl Fault {
    /// What Go says.
    pub(super) fn message(self) -> &'static str {
        match self {
            Self::Unreadable => "invalid range\n",
            Self::Behind => "invalid range: failed to overlap\n",
        }
    }
}

impl Range {
    /// `bytes 0-4/28`; Go lets the end of an empty part come before its start.
    pub(super) fn content_range(self, size: u64) -> String {
        let end = i128::from(self.start) + i128::from(self.length) - 1;
        format!("bytes {}-{end}/{size}", self.start)
    }
}

/// More parts are refused: each costs memory, and no client asks for so many.
const MAX_RANGES: usize = 256;

/// The parts that a field asks for; none if the whole file is to be sent.
pub(super) fn read(field: &[u8], size: u64) -> Result<Vec<Range>, Fault> {
    let field = std::str::from_utf8(field).map_err(|_| Fault::Unreadable)?;
    let list = field.strip_prefix("bytes=").ok_or(Fault::Unreadable)?;
    let mut ranges = Vec::new();
    let mut is_behind = false;
    for part in list.split(',').map(str::trim_ascii) {
        if part.is_empty() {
            continue;
        }
        match range(part, size)? {
            Some(range) if ranges.len() < MAX_RANGES => ranges.push(range),
            Some(_) => return Err(Fault::Unreadable),
            None => is_behind = true,
        }
    }
    match ranges.is_empty() && is_behind {
        // Some clients ask every file for a range: an empty one is sent whole.
        true if size > 0 => return Err(Fault::Behind),
        true => return Ok(ranges),
        false => {}
    }
    let total: u64 = ranges
        .iter()
        .map(|range| range.length)
        .fold(0, u64::saturating_add);
    if total > size {
        // Nobody who asks for more than all of it means it.
        ranges.clear();
    }
    Ok(ranges)
}

/// One part; nothing if it lies behind the end.
fn range(text: &str, size: u64) -> Result<Option<Range>, Fault> {
    let (start, end) = text.split_once('-').ok_or(Fault::Unreadable)?;
    let (start, end) = (start.trim_ascii(), end.trim_ascii());
    if start.is_empty() {
        let length = number(end)?.min(size);
        let start = size - length;
        return Ok(Some(Range { start, length }));
    }
    let start = number(start)?;
    if start >= size {
        return Ok(None);
    }
    let length = if end.is_empty() {
        size - start
    } else {
        let end = number(end)?;
        if start > end {
            return Err(Fault::Unreadable);
        }
        end.min(size - 1) - start + 1
    };
    Ok(Some(Range { start, length }))
}

/// A number as Go's `ParseInt` reads it, not below 0.
fn number(text: &str) -> Result<u64, Fault> {
    let number: i64 = text.parse().map_err(|_| Fault::Unreadable)?;
    u64::try_from(number).map_err(|_| Fault::Unreadable)
}
