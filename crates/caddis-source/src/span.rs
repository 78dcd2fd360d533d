//! A place in a source text, and the import that brought it there.

use crate::OriginId;

/// Names one text in [`Sources`](crate::Sources).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub(crate) u32);

/// A range of bytes in a text, with the import that brought it to where it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
    /// The import line through which this text was read, if it was not read directly.
    pub origin: Option<OriginId>,
}

impl Span {
    /// The bytes from `start` up to `end` of a text that was not imported.
    ///
    /// Offsets past 4 GiB are cut: texts that long are refused before they are lexed.
    pub fn new(file: FileId, start: usize, end: usize) -> Self {
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self {
            file,
            start: offset(start),
            end: offset(end),
            origin: None,
        }
    }

    /// The same place, reached through an import.
    #[must_use]
    pub fn through(self, origin: OriginId) -> Self {
        Self {
            origin: Some(origin),
            ..self
        }
    }

    /// From the start of this span to the end of the other, if they share a text.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.file == other.file && other.end >= self.start {
            Self {
                end: other.end,
                ..self
            }
        } else {
            self
        }
    }

    /// An empty span where this one begins.
    #[must_use]
    pub fn head(self) -> Self {
        Self {
            end: self.start,
            ..self
        }
    }

    /// The range of bytes.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}
