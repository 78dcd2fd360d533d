//! A log in a file, rolled when it has grown: the old one gets a name with its time, and is compressed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use time::{OffsetDateTime, UtcOffset};

use super::rolled::{Rolled, Tidier};

pub(super) const MIB: u64 = 1024 * 1024;
pub(super) const DAY: Duration = Duration::from_hours(24);
/// The permissions of a log file if the config gives none.
const MODE: u32 = 0o600;
/// The same for folders.
const FOLDER_MODE: u32 = 0o700;

/// A time of day, or of every hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TimeOfDay {
    /// Every hour if `None`.
    pub(super) hour: Option<u8>,
    pub(super) minute: u8,
}

/// The permissions of folders that are made for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FolderMode {
    Bits(u32),
    /// Those of the folder that is there.
    OfParent,
    /// Those of the file, and who may read may enter.
    OfFile,
}

/// How old files are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Zstd,
}

/// How a file is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Keeping {
    /// The permissions that the config gives, also to a file that is there already.
    pub(super) mode: Option<u32>,
    /// The size at which it is rolled; never if `None`.
    pub(super) size: Option<u64>,
    /// The time after which it is rolled.
    pub(super) interval: Option<Duration>,
    /// The times of day at which it is rolled.
    pub(super) times: Vec<TimeOfDay>,
    pub(super) compression: Compression,
    /// How the time is written in the names of old files, by an example in Go's way; as Caddy does if `None`.
    pub(super) name_format: Option<String>,
    /// The permissions of folders that are made.
    pub(super) folder_mode: FolderMode,
    /// How many old files are kept; all if zero.
    pub(super) keep: usize,
    /// How long they are kept; for ever if zero.
    pub(super) keep_for: Duration,
    pub(super) local_time: bool,
}

impl Keeping {
    /// What a config says, with Caddy's defaults: 100 MiB, 10 files, 90 days, compressed.
    pub(super) fn of(
        roll: bool,
        size_mb: Option<u64>,
        keep: Option<u64>,
        keep_days: Option<u64>,
    ) -> Self {
        let or = |given: Option<u64>, default| given.filter(|given| *given > 0).unwrap_or(default);
        let days = u32::try_from(or(keep_days, 90)).unwrap_or(u32::MAX);
        Self {
            mode: None,
            size: roll.then(|| or(size_mb, 100).saturating_mul(MIB)),
            interval: None,
            times: Vec::new(),
            compression: Compression::Gzip,
            name_format: None,
            folder_mode: FolderMode::Bits(FOLDER_MODE),
            keep: usize::try_from(or(keep, 10)).unwrap_or(usize::MAX),
            keep_for: DAY * days,
            local_time: false,
        }
    }

    fn mode(&self) -> u32 {
        self.mode.unwrap_or(MODE)
    }

    fn rolls(&self) -> bool {
        self.size.is_some() || self.interval.is_some() || !self.times.is_empty()
    }
}

/// A file that is written to its end.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    keeping: Keeping,
    file: BufWriter<File>,
    size: u64,
    opened: SystemTime,
    /// When it is rolled because of the time of day.
    next: Option<SystemTime>,
    /// Takes care of rolled files, once the file is in use.
    tidier: Option<Tidier>,
    /// What was made for the file, itself included, and goes again if the file is never in use.
    made: Vec<PathBuf>,
    /// The last line may be there in part.
    torn: bool,
}

impl LogFile {
    /// Opens a file, and makes it and its folder if they are not there. What is there already is not changed.
    pub(super) fn open(path: &Path, keeping: Keeping) -> io::Result<Self> {
        let absent = |path: &&Path| !path.as_os_str().is_empty() && !path.exists();
        let made = path.ancestors().take_while(absent).map(PathBuf::from);
        let made = made.collect();
        if let Some(folder) = path.parent() {
            make_folder(folder, &keeping)?;
        }
        let file = append(path, keeping.mode())?;
        Ok(Self {
            path: path.to_owned(),
            keeping,
            size: file.metadata()?.len(),
            file: BufWriter::new(file),
            opened: SystemTime::now(),
            next: None,
            tidier: None,
            made,
            torn: false,
        })
    }

    /// Keeps the file as a config says from now on, and begins anew if somebody moved or removed it.
    pub(super) fn keep(&mut self, keeping: Keeping) -> io::Result<()> {
        let is_moved = match (fs::metadata(&self.path), self.file.get_ref().metadata()) {
            (Ok(there), Ok(ours)) => (there.dev(), there.ino()) != (ours.dev(), ours.ino()),
            (Err(_), _) | (_, Err(_)) => true,
        };
        self.made.clear();
        let is_new = self.tidier.is_none() || self.keeping != keeping;
        self.keeping = keeping;
        self.next = next_time(&self.keeping, SystemTime::now());
        if is_moved {
            self.file.flush()?;
            self.begin()?;
        }
        if let Some(mode) = self.keeping.mode {
            fs::set_permissions(&self.path, fs::Permissions::from_mode(mode))?;
        }
        if is_new {
            // The old one ends before the new one begins.
            self.tidier = None;
            if self.keeping.rolls() {
                self.tidier = Some(Tidier::start(Rolled::of(&self.path, &self.keeping))?);
            }
        }
        Ok(())
    }

    pub(super) fn write(&mut self, line: &str) -> io::Result<()> {
        let length = line.len() as u64;
        let full =
            (self.keeping.size).is_some_and(|size| self.size > 0 && self.size + length > size);
        let old = (self.keeping.interval)
            .is_some_and(|interval| self.opened.elapsed().unwrap_or_default() >= interval);
        let due = self.next.is_some_and(|next| SystemTime::now() >= next);
        if full || old || due {
            // A file that cannot be rolled is written to all the same: what it says matters more than its size.
            self.roll(if full { "size" } else { "time" }).ok();
        }
        if self.torn {
            self.file.write_all(b"\n")?;
            self.torn = false;
        }
        let written = self.file.write_all(line.as_bytes());
        match &written {
            Ok(()) => self.size += length,
            // What does not fit into the buffer goes to the file at once, as far as there is room.
            Err(_) => self.torn = line.len() >= self.file.capacity(),
        }
        written
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }

    /// A file that was made and never was in use goes again, with its folders, unless there is something in them by
    /// now: a config that was not served leaves nothing behind.
    pub(super) fn leave(&mut self) {
        let mut made = std::mem::take(&mut self.made).into_iter();
        let Some(file) = made.next() else { return };
        if fs::metadata(&file).is_ok_and(|file| file.len() == 0) && fs::remove_file(&file).is_ok() {
            for folder in made {
                fs::remove_dir(folder).ok();
            }
        }
    }

    fn roll(&mut self, reason: &str) -> io::Result<()> {
        self.file.flush()?;
        let rolled = Rolled::of(&self.path, &self.keeping);
        fs::rename(&self.path, rolled.new_name(reason))?;
        self.begin()?;
        if let Some(tidier) = &self.tidier {
            tidier.tidy();
        }
        Ok(())
    }

    fn begin(&mut self) -> io::Result<()> {
        let file = append(&self.path, self.keeping.mode())?;
        self.size = file.metadata()?.len();
        self.file = BufWriter::new(file);
        self.opened = SystemTime::now();
        self.next = next_time(&self.keeping, self.opened);
        Ok(())
    }
}

/// Makes the folders that are not there.
fn make_folder(folder: &Path, keeping: &Keeping) -> io::Result<()> {
    let mode = match keeping.folder_mode {
        FolderMode::Bits(mode) => mode,
        FolderMode::OfFile => {
            let mode = keeping.mode();
            mode | (mode & 0o444) >> 2
        }
        FolderMode::OfParent => {
            let mut above = folder
                .ancestors()
                .filter_map(|above| fs::metadata(above).ok());
            above
                .next()
                .map_or(FOLDER_MODE, |there| there.permissions().mode() & 0o777)
        }
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(mode)
        .create(folder)
}

/// The first of the times of day after a time.
pub(super) fn next_time(keeping: &Keeping, after: SystemTime) -> Option<SystemTime> {
    const MINUTE: Duration = Duration::from_mins(1);
    const MINUTES_OF_A_DAY: u32 = 24 * 60;
    if keeping.times.is_empty() {
        return None;
    }
    let since = after.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    let begun = MINUTE * u32::try_from(since.as_secs() / MINUTE.as_secs()).ok()?;
    let mut minutes =
        (1..=MINUTES_OF_A_DAY).map(|more| SystemTime::UNIX_EPOCH + begun + MINUTE * more);
    minutes.find(|minute| {
        let at = local_or_utc((*minute).into(), keeping.local_time);
        let is_at = |time: &TimeOfDay| {
            time.minute == at.minute() && time.hour.is_none_or(|hour| hour == at.hour())
        };
        keeping.times.iter().any(is_at)
    })
}

/// A time where the machine is, if that is wanted and known.
pub(super) fn local_or_utc(at: OffsetDateTime, is_local: bool) -> OffsetDateTime {
    match UtcOffset::local_offset_at(at) {
        Ok(offset) if is_local => at.to_offset(offset),
        Ok(_) | Err(_) => at,
    }
}

/// Opens a file to write to its end.
pub(super) fn append(path: &Path, mode: u32) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(mode)
        .open(path)
}
