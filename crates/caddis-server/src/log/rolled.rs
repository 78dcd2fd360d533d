//! Old files of a log: how they are named, compressed, and removed in the end.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use time::OffsetDateTime;
use time::macros::format_description;

use super::file::Keeping;

/// The old files of one log.
#[derive(Clone, Debug)]
pub(super) struct Rolled {
    path: PathBuf,
    compress: bool,
    keep: usize,
    keep_for: Duration,
    local_time: bool,
}

impl Rolled {
    pub(super) fn of(path: &Path, keeping: &Keeping) -> Self {
        Self {
            path: path.to_owned(),
            compress: keeping.compress,
            keep: keeping.keep,
            keep_for: keeping.keep_for,
            local_time: keeping.local_time,
        }
    }

    /// `name-2026-11-23T21-25-20.321-size.log`, as Caddy names them.
    pub(super) fn new_name(&self, reason: &str) -> PathBuf {
        let format = format_description!(
            "[year]-[month]-[day]T[hour]-[minute]-[second].[subsecond digits:3]"
        );
        let mut now = OffsetDateTime::now_utc();
        if self.local_time
            && let Ok(local) = time::UtcOffset::local_offset_at(now)
        {
            now = now.to_offset(local);
        }
        let at = now.format(format).unwrap_or_default();
        let (stem, ending) = self.stem_and_ending();
        self.path
            .with_file_name(format!("{stem}-{at}-{reason}{ending}"))
    }

    fn stem_and_ending(&self) -> (String, String) {
        let text = |part: Option<&OsStr>| part.map(|part| part.to_string_lossy().into_owned());
        let ending = text(self.path.extension()).map(|ending| format!(".{ending}"));
        (
            text(self.path.file_stem()).unwrap_or_default(),
            ending.unwrap_or_default(),
        )
    }

    /// Removes what is too old or too much, and compresses the rest.
    fn tidy(&self) -> io::Result<()> {
        for (at, path) in self.files()?.iter().enumerate() {
            let age = fs::metadata(path)?.modified()?.elapsed();
            let too_old = !self.keep_for.is_zero() && age.unwrap_or_default() > self.keep_for;
            if (self.keep > 0 && at >= self.keep) || too_old {
                fs::remove_file(path)?;
            } else if self.compress && path.extension() != Some(OsStr::new("gz")) {
                compress(path)?;
            }
        }
        Ok(())
    }

    /// The old files, the youngest first.
    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let (stem, ending) = self.stem_and_ending();
        let prefix = format!("{stem}-");
        let is_rolled = |name: &str| {
            let name = name.strip_suffix(".gz").unwrap_or(name);
            let rest = name.strip_prefix(&prefix);
            rest.and_then(|rest| rest.strip_suffix(&ending))
                .is_some_and(is_time_and_reason)
        };
        let folder = (self.path.parent()).filter(|folder| !folder.as_os_str().is_empty());
        let mut files: Vec<PathBuf> = fs::read_dir(folder.unwrap_or(Path::new(".")))?
            .flatten()
            .filter(|file| is_rolled(&file.file_name().to_string_lossy()))
            .map(|file| file.path())
            .collect();
        // The names sort by their time.
        files.sort_by(|a, b| b.cmp(a));
        Ok(files)
    }
}

/// A thread that keeps old files in order, so that nobody who writes has to wait until one is compressed.
///
/// It ends when this is dropped, which waits for what it is at.
#[derive(Debug)]
pub(super) struct Tidier {
    wishes: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Tidier {
    /// Starts it; it looks at once.
    pub(super) fn start(rolled: Rolled) -> io::Result<Self> {
        let (wishes, inbox) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("rolled logs".into())
            .spawn(move || {
                // What cannot be tidied now may be the next time.
                rolled.tidy().ok();
                while inbox.recv().is_ok() {
                    rolled.tidy().ok();
                }
            })?;
        Ok(Self {
            wishes: Some(wishes),
            thread: Some(thread),
        })
    }

    /// Has it look again, soon.
    pub(super) fn tidy(&self) {
        if let Some(wishes) = &self.wishes {
            // A wish that waits is as good as two.
            wishes.try_send(()).ok();
        }
    }
}

impl Drop for Tidier {
    fn drop(&mut self) {
        self.wishes = None;
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

/// What stands between the stem and the ending of a rolled file, so that no other file is removed.
fn is_time_and_reason(text: &str) -> bool {
    let time = text
        .strip_suffix("-size")
        .or_else(|| text.strip_suffix("-time"));
    time.is_some_and(|time| {
        time.len() == "2026-11-23T21-25-20.321".len()
            && time
                .chars()
                .all(|c| c.is_ascii_digit() || "T-.".contains(c))
    })
}

/// Puts a compressed file in the place of a file, all at once: what is broken off is done again the next time.
fn compress(path: &Path) -> io::Result<()> {
    let named = |ending: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    };
    let mut whole = File::open(path)?;
    let about = whole.metadata()?;
    let mode = about.permissions().mode();
    let compressed = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(named(".gz.tmp"))?;
    let mut encoder = GzEncoder::new(compressed, Compression::default());
    io::copy(&mut whole, &mut encoder)?;
    let compressed = encoder.finish()?;
    compressed.set_permissions(fs::Permissions::from_mode(mode))?;
    // Its age is that of what is in it.
    compressed.set_modified(about.modified()?)?;
    fs::rename(named(".gz.tmp"), named(".gz"))?;
    fs::remove_file(path)
}
