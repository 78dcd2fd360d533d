//! Where imported files come from: the disk, or a map in tests.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{MAIN_SEPARATOR, Path};

use crate::limits::MAX_FILE;

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

/// Files on disk.
#[derive(Clone, Copy, Debug, Default)]
pub struct Disk;

/// Files by name; for tests.
#[derive(Clone, Debug, Default)]
pub struct Memory(pub BTreeMap<String, String>);

impl Load for Disk {
    fn load(&self, pattern: &str, from: &str) -> io::Result<Vec<Loaded>> {
        let pattern = beside(from, pattern);
        let paths = if is_glob(&pattern) {
            matching(&pattern)?
        } else {
            vec![pattern]
        };
        paths.into_iter().map(read).collect()
    }
}

/// Only regular files of a limited length: reading a device or a pipe may never end.
#[expect(
    clippy::disallowed_methods,
    reason = "this is where `Load` is the disk"
)]
fn read(name: String) -> io::Result<Loaded> {
    let wrong = |kind, what: &str| io::Error::new(kind, format!("`{name}` is {what}"));
    let kind = std::fs::metadata(&name)?;
    if kind.is_dir() {
        return Err(wrong(io::ErrorKind::IsADirectory, "a folder"));
    }
    if !kind.is_file() {
        return Err(wrong(io::ErrorKind::InvalidInput, "no regular file"));
    }
    let mut text = Vec::new();
    // One byte more than allowed: some files say nothing true of their length.
    let most = MAX_FILE as u64 + 1;
    File::open(&name)?.take(most).read_to_end(&mut text)?;
    if text.len() > MAX_FILE {
        let what = format!("longer than {} MiB", MAX_FILE >> 20);
        return Err(wrong(io::ErrorKind::FileTooLarge, &what));
    }
    let text = String::from_utf8(text).map_err(|_| {
        io::Error::new(io::ErrorKind::InvalidData, format!("`{name}` is not UTF-8"))
    })?;
    Ok(Loaded { name, text })
}

fn matching(pattern: &str) -> io::Result<Vec<String>> {
    let wrong = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
    let paths = glob::glob(pattern).map_err(|error| wrong(error.to_string()))?;
    let mut names: Vec<String> = paths
        .filter_map(Result::ok)
        .filter_map(|path| path.to_str().map(str::to_owned))
        .filter(|name| is_wanted(pattern, name))
        .collect();
    names.sort();
    Ok(names)
}

impl Load for Memory {
    fn load(&self, pattern: &str, from: &str) -> io::Result<Vec<Loaded>> {
        let pattern = beside(from, pattern);
        let found: Vec<_> = if is_glob(&pattern) {
            let wrong =
                |error: glob::PatternError| io::Error::new(io::ErrorKind::InvalidInput, error);
            let glob = glob::Pattern::new(&pattern).map_err(wrong)?;
            let options = glob::MatchOptions {
                require_literal_separator: true,
                ..glob::MatchOptions::new()
            };
            let matches =
                |name: &str| glob.matches_with(name, options) && is_wanted(&pattern, name);
            self.0.iter().filter(|(name, _)| matches(name)).collect()
        } else {
            self.0.get_key_value(&pattern).into_iter().collect()
        };
        if found.is_empty() && !is_glob(&pattern) {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(found
            .into_iter()
            .map(|(name, text)| Loaded {
                name: name.clone(),
                text: text.clone(),
            })
            .collect())
    }
}

/// A path that is meant from the folder of another file.
fn beside(from: &str, path: &str) -> String {
    match Path::new(from).parent() {
        Some(folder) if !Path::new(path).is_absolute() => {
            folder.join(path).to_string_lossy().into_owned()
        }
        Some(_) | None => path.to_owned(),
    }
}

pub(crate) fn is_glob(pattern: &str) -> bool {
    pattern.contains(['*', '?', '[', ']'])
}

/// A pattern whose last part begins with `*` does not mean hidden files.
fn is_wanted(pattern: &str, name: &str) -> bool {
    let last = |path: &str| path.rsplit(MAIN_SEPARATOR).next().unwrap_or("").to_owned();
    !last(pattern).starts_with('*') || !last(name).starts_with('.')
}
