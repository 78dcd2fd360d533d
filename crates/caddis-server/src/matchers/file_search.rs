//! The search of the `file` matcher: which files are there, and which of them is taken.

use std::fs::Metadata;
use std::io;
use std::time::SystemTime;

use http::StatusCode;

use super::file_glob;
use crate::files::Disk;

/// Which of the files that are there is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Policy {
    FirstExist,
    /// The last one is not asked what it is.
    FirstExistFallback,
    SmallestSize,
    LargestSize,
    MostRecentlyModified,
}

impl Policy {
    /// The names, for messages.
    pub(super) const NAMES: &str = "`first_exist`, `first_exist_fallback`, `smallest_size`, `largest_size` or `most_recently_modified`";

    pub(super) fn read(name: &str) -> Option<Self> {
        Some(match name {
            "" | "first_exist" => Self::FirstExist,
            "first_exist_fallback" => Self::FirstExistFallback,
            "smallest_size" => Self::SmallestSize,
            "largest_size" => Self::LargestSize,
            "most_recently_modified" => Self::MostRecentlyModified,
            _ => return None,
        })
    }
}

/// What is looked for, filled in for one request.
#[derive(Debug)]
pub(super) struct Search {
    pub(super) root: Vec<u8>,
    pub(super) tries: Vec<Wanted>,
    pub(super) policy: Policy,
}

#[derive(Debug)]
pub(super) enum Wanted {
    /// The request fails.
    Status(StatusCode),
    /// A pattern, and what stands behind it in the path.
    Pattern { before: Vec<u8>, after: Vec<u8> },
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    Nothing,
    /// Somebody has to wait for the disk.
    Later,
    Status(StatusCode),
    File(File),
}

/// A file that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    pub(super) path: Vec<u8>,
    pub(super) remainder: Vec<u8>,
    pub(super) is_folder: bool,
    root: usize,
}

impl File {
    /// The path as it is below the root.
    pub(super) fn relative(&self) -> &[u8] {
        self.path.get(self.root..).unwrap_or_default()
    }
}

impl Search {
    /// Looks at the disk.
    pub(super) fn run(&self, disk: Disk) -> Found {
        let found = match self.policy {
            Policy::FirstExist | Policy::FirstExistFallback => self.first(disk),
            Policy::SmallestSize => self.best(disk, |found, best| {
                // As in Caddy, an empty file does not stand against one that comes later.
                best.len() == 0 || found.len() < best.len()
            }),
            Policy::LargestSize => self.best(disk, |found, best| found.len() > best.len()),
            Policy::MostRecentlyModified => {
                self.best(disk, |found, best| modified(found) > modified(best))
            }
        };
        found.unwrap_or(Found::Later)
    }

    fn first(&self, disk: Disk) -> io::Result<Found> {
        for (index, wanted) in self.tries.iter().enumerate() {
            let is_last = index + 1 == self.tries.len();
            let is_sure = is_last && self.policy == Policy::FirstExistFallback;
            let (before, after) = match wanted {
                Wanted::Status(status) => return Ok(Found::Status(*status)),
                Wanted::Pattern { before, after } => (before, after),
            };
            for path in file_glob::files(&self.root, before, disk)? {
                if is_sure {
                    return Ok(Found::File(self.file(path, after, false)));
                }
                // Caddy: a name that ends in a slash is that of a folder, and no other is.
                let is_folder = path.ends_with(b"/");
                let known = known(&path, disk)?;
                if known.is_some_and(|known| known.is_dir() == is_folder) {
                    return Ok(Found::File(self.file(path, after, is_folder)));
                }
            }
        }
        Ok(Found::Nothing)
    }

    fn best(
        &self,
        disk: Disk,
        is_better: impl Fn(&Metadata, &Metadata) -> bool,
    ) -> io::Result<Found> {
        let mut best: Option<(Metadata, File)> = None;
        for wanted in &self.tries {
            let Wanted::Pattern { before, after } = wanted else {
                continue;
            };
            for path in file_glob::files(&self.root, before, disk)? {
                let Some(found) = known(&path, disk)? else {
                    continue;
                };
                let is_first = best.is_none() && self.takes_first(&found);
                if is_first || (best.as_ref()).is_some_and(|(best, _)| is_better(&found, best)) {
                    let file = self.file(path, after, found.is_dir());
                    best = Some((found, file));
                }
            }
        }
        Ok(best.map_or(Found::Nothing, |(_, file)| Found::File(file)))
    }

    /// As in Caddy, an empty file is never the largest.
    fn takes_first(&self, found: &Metadata) -> bool {
        self.policy != Policy::LargestSize || found.len() > 0
    }

    fn file(&self, path: Vec<u8>, after: &[u8], is_folder: bool) -> File {
        let root = if path.starts_with(&self.root) {
            self.root.len()
        } else {
            0
        };
        File {
            path,
            remainder: after.to_vec(),
            is_folder,
            root,
        }
    }
}

/// What is known of a file, if it is there; the error says that somebody has to wait.
fn known(path: &[u8], disk: Disk) -> io::Result<Option<Metadata>> {
    match disk.known(path) {
        Err(error) if disk.must_wait(&error) => Err(error),
        known => Ok(known.ok()),
    }
}

fn modified(found: &Metadata) -> SystemTime {
    found.modified().unwrap_or(SystemTime::UNIX_EPOCH)
}
