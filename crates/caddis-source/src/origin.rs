//! Which `import` brought a piece of text to where it is used.

use crate::Span;

/// Names one import in [`Sources`](crate::Sources).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OriginId(pub(crate) u32);

/// One `import` line that was expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// The import line; its own origin leads to the import around it.
    pub line: Span,
    /// What was imported, as the user wrote it: a snippet's name or a file pattern.
    pub what: String,
}
