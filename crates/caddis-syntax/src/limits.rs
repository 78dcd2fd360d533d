//! How much a config may hold, so that a small file cannot ask for all of the memory.

/// The longest text that is read, in bytes.
pub(crate) const MAX_FILE: usize = 16 << 20;

/// How deep blocks may be nested.
pub(crate) const MAX_DEPTH: usize = 100;

/// How deep imports may be nested.
pub(crate) const MAX_IMPORT_DEPTH: usize = 100;

/// How many words a config may have after all imports are expanded.
pub(crate) const MAX_WORDS: usize = 2_000_000;

/// How many bytes the words that imports bring may have together.
pub(crate) const MAX_IMPORTED: usize = 64 << 20;
