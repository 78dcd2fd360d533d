//! Where imported files come from.

use std::io;

/// A file that an import found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The name for messages, and the base for imports within it.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Finds the files of an import. The disk in production, a map in tests.
pub trait Load {
    /// The files that a pattern means, in order of their names; `from` is the file with the import line.
    ///
    /// A pattern without a wildcard that means nothing is an error (`NotFound`); one with a wildcard is an empty list.
    fn load(&self, pattern: &str, from: &str) -> io::Result<Vec<Loaded>>;
}
