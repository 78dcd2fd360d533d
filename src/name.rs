//! What the program was called: `caddis`, or `caddy` where it stands in for it.

use std::ffi::OsString;
use std::fmt;
use std::path::Path;

/// What the program was called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Name {
    /// By its own name, or by one that nobody knows.
    Caddis,
    /// By the name of what it replaces.
    Caddy,
}

impl Name {
    /// The name in the first word of a command line.
    pub(crate) fn of(word: Option<OsString>) -> Self {
        let word = word.unwrap_or_default();
        match Path::new(&word).file_name() {
            Some(name) if name == "caddy" => Self::Caddy,
            Some(_) | None => Self::Caddis,
        }
    }

    /// The name as it is typed.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Caddis => "caddis",
            Self::Caddy => "caddy",
        }
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
