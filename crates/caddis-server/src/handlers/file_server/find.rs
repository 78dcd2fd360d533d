//! What is there for a request: looked for on the disk, where it may wait.

use std::fs::{File, Metadata};
use std::io;
use std::sync::Arc;

use bytes::Bytes;

use super::encodings::Encoding;
use super::etag;
use super::hide::Hidden;
use super::names::Texts;
use crate::files::{Disk, join_below};

/// What a request asks of the disk.
#[derive(Debug)]
pub(super) struct Wanted {
    /// The file, without a slash at its end.
    pub(super) path: Vec<u8>,
    pub(super) hidden: Hidden,
    pub(super) index: Texts,
    /// Whether the path that the client sent ends in a slash; nothing if no redirect corrects that.
    pub(super) has_slash: Option<bool>,
    /// What the client takes, the best first.
    pub(super) encodings: Vec<Encoding>,
    pub(super) etag_endings: Arc<[String]>,
    /// Whether the beginning of the file is read at once.
    pub(super) reads: bool,
}

/// What is there.
#[derive(Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "a file is what is found nearly always, and would pay for a box"
)]
pub(super) enum Found {
    File(Opened),
    /// A folder without an index, by its path.
    Folder(Vec<u8>),
    /// The path is right but for its slash.
    Slash(Slash),
    /// Nothing, or nothing that is shown.
    Nothing,
    /// The disk does not say what is there.
    Unknown(io::Error),
    /// A file that cannot be read.
    Closed(io::Error),
    /// Somebody has to wait for the disk.
    Later,
}

/// What a path needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slash {
    More,
    Less,
}

/// A compressed form of a file, by its path.
type Compressed = (Vec<u8>, Encoding, File, Metadata);

/// A file that is open.
#[derive(Debug)]
pub(super) struct Opened {
    /// The path of the file that was asked for; the one that is open may be its compressed form.
    pub(super) path: Vec<u8>,
    /// What is known of the file that was asked for.
    pub(super) known: Metadata,
    pub(super) file: File,
    pub(super) size: u64,
    pub(super) etag: Option<String>,
    pub(super) encoding: Option<Encoding>,
    /// Its beginning, or all of it.
    pub(super) beginning: Bytes,
}

/// The most that is read of a file at a time.
pub(super) const CHUNK: u64 = 128 * 1024;

/// A file or folder that is there, and its content unless it cannot be had.
struct Seen {
    known: Metadata,
    content: io::Result<File>,
}

impl Wanted {
    /// Looks for it.
    pub(super) fn find(&self, disk: Disk) -> Found {
        self.look_for(disk).unwrap_or_else(|error| {
            if disk.must_wait(&error) {
                return Found::Later;
            }
            match error.kind() {
                io::ErrorKind::NotFound => Found::Nothing,
                _ => Found::Unknown(error),
            }
        })
    }

    fn look_for(&self, disk: Disk) -> io::Result<Found> {
        let (mut path, mut seen) = (self.path.clone(), look(&self.path, disk)?);
        let mut is_index = false;
        if seen.known.is_dir()
            && let Some((index, found)) = self.index(disk)?
        {
            (path, seen, is_index) = (index, found, true);
        }
        if self.hidden.hides(&path) {
            return Ok(Found::Nothing);
        }
        if seen.known.is_dir() {
            return Ok(Found::Folder(path));
        }
        match (self.has_slash, is_index) {
            (Some(false), true) => return Ok(Found::Slash(Slash::More)),
            (Some(true), false) => return Ok(Found::Slash(Slash::Less)),
            _ => {}
        }
        self.open(path, seen, disk)
    }

    /// The first index that is there; as in Caddy, it may be a folder.
    fn index(&self, disk: Disk) -> io::Result<Option<(Vec<u8>, Seen)>> {
        for name in self.index.iter() {
            let path = join_below(&self.path, name);
            if self.hidden.hides(&path) {
                continue;
            }
            match look(&path, disk) {
                Ok(seen) => return Ok(Some((path, seen))),
                Err(error) if disk.must_wait(&error) => return Err(error),
                Err(_) => {}
            }
        }
        Ok(None)
    }

    fn open(&self, path: Vec<u8>, seen: Seen, disk: Disk) -> io::Result<Found> {
        let known = seen.known;
        let (opened, encoding, file, tagged) = match self.compressed(&path, disk)? {
            Some((path, encoding, file, known)) => (path, Some(encoding), file, known),
            None => match seen.content {
                // What is no file has no end: a pipe, a device.
                Ok(_) if !known.is_file() => return Ok(Found::Nothing),
                Ok(file) => (path.clone(), None, file, known.clone()),
                Err(error) => return Ok(Found::Closed(error)),
            },
        };
        let etag = etag::beside(&opened, &self.etag_endings, disk)?;
        let size = tagged.len();
        let beginning = if self.reads {
            match disk.read(&file, 0, size.min(CHUNK)) {
                Ok(beginning) => beginning,
                Err(error) if disk.must_wait(&error) => return Err(error),
                Err(error) => return Ok(Found::Closed(error)),
            }
        } else {
            Bytes::new()
        };
        Ok(Found::File(Opened {
            path,
            known,
            file,
            size,
            etag: etag.or_else(|| etag::of(&tagged)),
            encoding,
            beginning,
        }))
    }

    /// The best compressed form that lies beside a file.
    fn compressed(&self, path: &[u8], disk: Disk) -> io::Result<Option<Compressed>> {
        for encoding in &self.encodings {
            let path = [path, encoding.ending().as_bytes()].concat();
            let seen = match look(&path, disk) {
                Ok(seen) => seen,
                Err(error) if disk.must_wait(&error) => return Err(error),
                Err(_) => continue,
            };
            if let Ok(file) = seen.content
                && seen.known.is_file()
            {
                return Ok(Some((path, *encoding, file, seen.known)));
            }
        }
        Ok(None)
    }
}

fn look(path: &[u8], disk: Disk) -> io::Result<Seen> {
    match disk.open(path) {
        Ok(file) => Ok(Seen {
            known: file.metadata()?,
            content: Ok(file),
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound || disk.must_wait(&error) => {
            Err(error)
        }
        Err(error) => Ok(Seen {
            known: disk.known(path)?,
            content: Err(error),
        }),
    }
}
