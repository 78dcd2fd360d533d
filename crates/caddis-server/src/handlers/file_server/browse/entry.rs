//! A file in a list.

use std::fs::{self, DirEntry, Metadata};
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::{FileTypeExt, MetadataExt};

use time::OffsetDateTime;

use crate::uri;

/// A file in a list, as Caddy describes it.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Its name; a folder's ends in a slash.
    pub(super) name: String,
    /// Where it is, seen from the folder.
    pub(super) url: String,
    pub(super) size: u64,
    pub(super) modified: OffsetDateTime,
    /// Kind and permissions, as Go has them.
    pub(super) mode: u32,
    pub(super) is_folder: bool,
    pub(super) is_link: bool,
    /// Where it leads, if that is to be told.
    pub(super) target: Option<String>,
}

/// Whether it is told where links lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Targets {
    Told,
    Kept,
}

impl Entry {
    /// Describes a file; of a link it is told how large the file is that it leads to.
    pub(super) fn of(found: &DirEntry, targets: Targets) -> io::Result<Self> {
        let own = found.metadata()?;
        let is_link = own.is_symlink();
        let leads_to = is_link.then(|| fs::metadata(found.path()).ok()).flatten();
        let is_folder = leads_to.as_ref().unwrap_or(&own).is_dir();
        let target = (is_link && targets == Targets::Told).then(|| fs::read_link(found.path()));
        let mut name = found.file_name().into_vec();
        if is_folder {
            name.push(b'/');
        }
        let mut url = b"./".to_vec();
        uri::path_escape(&name, &mut url);
        Ok(Self {
            name: String::from_utf8_lossy(&name).into_owned(),
            url: String::from_utf8_lossy(&url).into_owned(),
            size: leads_to.as_ref().unwrap_or(&own).len(),
            modified: modified(&own),
            mode: mode(&own),
            is_folder,
            is_link,
            target: (target.and_then(Result::ok)).map(|target| target.display().to_string()),
        })
    }
}

/// When a file itself was changed.
pub(super) fn modified(known: &Metadata) -> OffsetDateTime {
    let nanoseconds = i128::from(known.mtime()) * 1_000_000_000 + i128::from(known.mtime_nsec());
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// The number that Go has for kind and permissions.
fn mode(known: &Metadata) -> u32 {
    const PERMISSIONS: u32 = 0o777;
    let kind = known.file_type();
    let kinds = [
        (kind.is_dir(), 1 << 31),
        (kind.is_symlink(), 1 << 27),
        (kind.is_block_device() || kind.is_char_device(), 1 << 26),
        (kind.is_fifo(), 1 << 25),
        (kind.is_socket(), 1 << 24),
        (known.mode() & 0o4000 != 0, 1 << 23),
        (known.mode() & 0o2000 != 0, 1 << 22),
        (kind.is_char_device(), 1 << 21),
        (known.mode() & 0o1000 != 0, 1 << 20),
    ];
    let set = kinds.iter().filter(|(is_so, _)| *is_so);
    set.fold(known.mode() & PERMISSIONS, |mode, (_, bit)| mode | bit)
}
