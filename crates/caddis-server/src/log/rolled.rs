//! Old files of a log: how they are named, compressed, and removed in the end.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use flate2::write::GzEncoder;
use time::OffsetDateTime;

use super::file::{Compression, Keeping, local_or_utc};
use super::go_time;

/// How Caddy writes the time in the name of an old file, by an example in Go's way.
const NAME_FORMAT: &str = "2006-01-02T15-04-05.000";
/// The endings of compressed files.
const ENDINGS: [&str; 2] = ["gz", "zst"];

/// The old files of one log.
#[derive(Clone, Debug)]
pub(super) struct Rolled {
    path: PathBuf,
    compression: Compression,
    name_format: Option<String>,
    keep: usize,
    keep_for: Duration,
    local_time: bool,
}

impl Rolled {
    pub(super) fn of(path: &Path, keeping: &Keeping) -> Self {
        Self {
            path: path.to_owned(),
            compression: keeping.compression,
            name_format: keeping.name_format.clone(),
            keep: keeping.keep,
            keep_for: keeping.keep_for,
            local_time: keeping.local_time,
        }
    }

    /// `name-2026-11-23T21-25-20.321-size.log`, as Caddy names them.
    pub(super) fn new_name(&self, reason: &str) -> PathBuf {
        let now = local_or_utc(OffsetDateTime::now_utc(), self.local_time);
        let at = go_time::format(self.name_format.as_deref().unwrap_or(NAME_FORMAT), now);
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
            } else if !ENDINGS
                .iter()
                .any(|ending| path.extension() == Some(OsStr::new(ending)))
            {
                compress(path, self.compression)?;
            }
        }
        Ok(())
    }

    /// The old files, the youngest first.
    fn files(&self) -> io::Result<Vec<PathBuf>> {
        let (stem, ending) = self.stem_and_ending();
        let prefix = format!("{stem}-");
        let is_rolled = |name: &str| {
            let endings = ENDINGS.iter();
            let mut bare =
                endings.filter_map(|ending| name.strip_suffix(ending)?.strip_suffix('.'));
            let name = bare.next().unwrap_or(name);
            let rest = name.strip_prefix(&prefix);
            rest.and_then(|rest| rest.strip_suffix(&ending))
                .is_some_and(|text| self.is_time_and_reason(text))
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

    /// What stands between the stem and the ending of a rolled file, so that no other file is removed.
    fn is_time_and_reason(&self, text: &str) -> bool {
        let time = text
            .strip_suffix("-size")
            .or_else(|| text.strip_suffix("-time"));
        let Some(time) = time else { return false };
        if self.name_format.is_some() {
            return true;
        }
        let mut letters = time.chars();
        time.len() == NAME_FORMAT.len()
            && letters.all(|letter| letter.is_ascii_digit() || "T-.".contains(letter))
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

/// Puts a compressed file in the place of a file, all at once: what is broken off is done again the next time.
fn compress(path: &Path, compression: Compression) -> io::Result<()> {
    let [gz, zst] = ENDINGS;
    let ending = match compression {
        Compression::None => return Ok(()),
        Compression::Gzip => gz,
        Compression::Zstd => zst,
    };
    let named = |endings: &[&str]| {
        let mut name = path.as_os_str().to_owned();
        for ending in endings {
            name.push(".");
            name.push(ending);
        }
        PathBuf::from(name)
    };
    let (compressed, half) = (named(&[ending]), named(&[ending, "tmp"]));
    let mut whole = File::open(path)?;
    let about = whole.metadata()?;
    let mode = about.permissions().mode();
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&half)?;
    let file = match compression {
        Compression::Zstd => {
            let mut encoder = zstd::Encoder::new(file, zstd::DEFAULT_COMPRESSION_LEVEL)?;
            io::copy(&mut whole, &mut encoder)?;
            encoder.finish()?
        }
        Compression::None | Compression::Gzip => {
            let mut encoder = GzEncoder::new(file, flate2::Compression::default());
            io::copy(&mut whole, &mut encoder)?;
            encoder.finish()?
        }
    };
    file.set_permissions(fs::Permissions::from_mode(mode))?;
    // Its age is that of what is in it.
    file.set_modified(about.modified()?)?;
    fs::rename(half, compressed)?;
    fs::remove_file(path)
}
