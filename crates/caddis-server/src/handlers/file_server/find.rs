//! What is there for a request: looked for on the disk, where it may wait.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::sync::Arc;

use bytes::Bytes;
use rustix::fs::{Mode, OFlags};

use super::encodings::Encoding;
use super::etag;
use super::hide::Hidden;
use super::names::Texts;
use crate::files::{join_below, os_path};

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
}

/// What a path needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slash {
    More,
    Less,
}

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
    pub(super) fn find(mut self) -> Found {
        let mut seen = match look(&self.path) {
            Ok(seen) => seen,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Found::Nothing,
            Err(error) => return Found::Unknown(error),
        };
        let mut is_index = false;
        if seen.known.is_dir()
            && let Some((path, index)) = self.index()
        {
            (self.path, seen, is_index) = (path, index, true);
        }
        if seen.known.is_dir() {
            if self.hidden.hides(&self.path) {
                return Found::Nothing;
            }
            return Found::Folder(self.path);
        }
        if self.hidden.hides(&self.path) {
            return Found::Nothing;
        }
        match (self.has_slash, is_index) {
            (Some(false), true) => return Found::Slash(Slash::More),
            (Some(true), false) => return Found::Slash(Slash::Less),
            _ => {}
        }
        self.open(seen)
    }

    /// The first index that is there; as in Caddy, it may be a folder.
    fn index(&self) -> Option<(Vec<u8>, Seen)> {
        self.index.iter().find_map(|name| {
            let path = join_below(&self.path, name);
            if self.hidden.hides(&path) {
                return None;
            }
            let seen = look(&path).ok()?;
            Some((path, seen))
        })
    }

    fn open(self, seen: Seen) -> Found {
        let known = seen.known;
        let (path, encoding, file, tagged) = match self.compressed() {
            Some((path, encoding, file, known)) => (path, Some(encoding), file, known),
            None => match seen.content {
                // What is no file has no end: a pipe, a device.
                Ok(_) if !known.is_file() => return Found::Nothing,
                Ok(file) => (self.path.clone(), None, file, known.clone()),
                Err(error) => return Found::Closed(error),
            },
        };
        let etag = match etag::beside(&path, &self.etag_endings) {
            Ok(etag) => etag.or_else(|| etag::of(&tagged)),
            Err(error) => return Found::Unknown(error),
        };
        let beginning = if self.reads {
            read(&file, tagged.len())
        } else {
            Ok(Bytes::new())
        };
        match beginning {
            Ok(beginning) => Found::File(Opened {
                path: self.path,
                known,
                file,
                size: tagged.len(),
                etag,
                encoding,
                beginning,
            }),
            Err(error) => Found::Closed(error),
        }
    }

    /// The best compressed form that lies beside the file.
    fn compressed(&self) -> Option<(Vec<u8>, Encoding, File, Metadata)> {
        self.encodings.iter().find_map(|encoding| {
            let path = [self.path.as_slice(), encoding.ending().as_bytes()].concat();
            let seen = look(&path).ok()?;
            let file = seen.content.ok().filter(|_| seen.known.is_file())?;
            Some((path, *encoding, file, seen.known))
        })
    }
}

fn look(path: &[u8]) -> io::Result<Seen> {
    match open(path) {
        Ok(file) => Ok(Seen {
            known: file.metadata()?,
            content: Ok(file),
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(error),
        Err(error) => Ok(Seen {
            known: fs::metadata(os_path(path))?,
            content: Err(error),
        }),
    }
}

/// Opens a file to read it; does not wait for somebody to write into it, if it is a pipe.
pub(super) fn open(path: &[u8]) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = rustix::fs::open(os_path(path), flags, Mode::empty())?;
    Ok(file.into())
}

fn read(file: &File, size: u64) -> io::Result<Bytes> {
    let length = size.min(CHUNK);
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}
