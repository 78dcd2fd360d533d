//! A log in a file, rolled when it has grown: the old one gets a name with its time, and is compressed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use time::{OffsetDateTime, UtcOffset};

use super::rolled::{Rolled, Tidier};

const MIB: u64 = 1024 * 1024;
const DAY: Duration = Duration::from_hours(24);
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
fn next_time(keeping: &Keeping, after: SystemTime) -> Option<SystemTime> {
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

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::time::{Duration, SystemTime};

    use super::{Compression, Keeping, LogFile, TimeOfDay, next_time};

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Writes numbered lines of more than 80 bytes to `a.log` in a folder, and waits until all is tidy.
    fn write(folder: &Path, keeping: Keeping, lines: u32) {
        let mut file = LogFile::open(&folder.join("a.log"), keeping.clone()).unwrap();
        file.keep(keeping).unwrap();
        for number in 0..lines {
            file.write(&format!("{number}{}\n", "x".repeat(80)))
                .unwrap();
            // Names have milliseconds.
            std::thread::sleep(Duration::from_millis(2));
        }
        file.flush().unwrap();
    }

    fn small() -> Keeping {
        Keeping {
            size: Some(100),
            ..Keeping::of(true, None, None, None)
        }
    }

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn a_file_that_has_grown_is_rolled_compressed_and_removed_in_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("a-notes.log");
        std::fs::write(&other, "mine").unwrap();
        let keeping = Keeping { keep: 2, ..small() };
        write(folder.path(), keeping, 5);
        let names = names(folder.path());
        assert_eq!(names.len(), 4, "{names:?}");
        assert!(
            names[0].starts_with("a-20") && names[0].ends_with("-size.log.gz"),
            "{names:?}"
        );
        let current = std::fs::read_to_string(folder.path().join("a.log")).unwrap();
        assert!(current.starts_with('4'));
        let rolled = std::fs::File::open(folder.path().join(&names[1])).unwrap();
        let mut text = String::new();
        flate2::read::GzDecoder::new(rolled)
            .read_to_string(&mut text)
            .unwrap();
        assert!(text.starts_with('3'), "{text}");
        assert_eq!(std::fs::read_to_string(other).unwrap(), "mine");
    }

    #[test]
    fn rolled_files_stay_as_they_are_where_that_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let keeping = Keeping {
            compression: Compression::None,
            ..small()
        };
        write(folder.path(), keeping, 3);
        let names = names(folder.path());
        assert_eq!(names.len(), 3, "{names:?}");
        assert!(names[0].ends_with("-size.log"), "{names:?}");
        let rolled = std::fs::read_to_string(folder.path().join(&names[0])).unwrap();
        assert!(rolled.starts_with('0'), "{rolled}");
    }

    #[test]
    fn a_file_grows_where_rolling_is_switched_off() {
        let folder = tempfile::tempdir().unwrap();
        let keeping = Keeping::of(false, Some(1), None, None);
        let mut file = LogFile::open(&folder.path().join("a.log"), keeping.clone()).unwrap();
        file.keep(keeping).unwrap();
        for _ in 0..3 {
            file.write(&"x".repeat(500_000)).unwrap();
        }
        file.flush().unwrap();
        assert_eq!(names(folder.path()), ["a.log"]);
        let size = std::fs::metadata(folder.path().join("a.log"))
            .unwrap()
            .len();
        assert!(size > super::MIB, "{size}");
    }

    #[test]
    fn a_file_is_rolled_when_its_time_has_come() {
        let folder = tempfile::tempdir().unwrap();
        let keeping = Keeping {
            interval: Some(Duration::from_millis(1)),
            compression: Compression::None,
            ..Keeping::of(true, None, None, None)
        };
        write(folder.path(), keeping, 3);
        let names = names(folder.path());
        assert_eq!(names.len(), 3, "{names:?}");
        assert!(names[0].ends_with("-time.log"), "{names:?}");
    }

    #[test]
    fn files_that_are_too_old_go_also_when_nothing_is_rolled() {
        let folder = tempfile::tempdir().unwrap();
        let old = folder.path().join("a-2020-01-01T00-00-00.000-size.log.gz");
        let young = folder.path().join("a-2020-01-02T00-00-00.000-time.log.gz");
        for (path, days) in [(&old, 3), (&young, 1)] {
            let file = std::fs::File::create(path).unwrap();
            let then = SystemTime::now() - super::DAY * days;
            file.set_modified(then).unwrap();
        }
        write(folder.path(), Keeping::of(true, None, None, Some(2)), 1);
        assert!(!old.exists());
        assert!(young.exists());
    }

    #[test]
    fn the_config_s_permissions_are_given_to_old_and_new_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let with_mode = Keeping {
            mode: Some(0o640),
            ..small()
        };
        write(folder.path(), small(), 1);
        assert_eq!(mode(&path), 0o600);
        write(folder.path(), with_mode, 2);
        let names = names(folder.path());
        assert_eq!(names.len(), 3, "{names:?}");
        for name in names {
            assert_eq!(mode(&folder.path().join(&name)), 0o640, "{name}");
        }
    }

    #[test]
    fn a_file_that_was_moved_away_is_begun_anew() {
        let folder = tempfile::tempdir().unwrap();
        let (path, moved) = (folder.path().join("a.log"), folder.path().join("b.log"));
        let mut file = LogFile::open(&path, small()).unwrap();
        file.write("1\n").unwrap();
        std::fs::rename(&path, &moved).unwrap();
        file.keep(small()).unwrap();
        file.write("2\n").unwrap();
        file.flush().unwrap();
        assert_eq!(std::fs::read_to_string(moved).unwrap(), "1\n");
        assert_eq!(std::fs::read_to_string(path).unwrap(), "2\n");
    }

    #[test]
    fn times_of_day_are_found_after_a_time() {
        let at = |hour, minute| TimeOfDay { hour, minute };
        let next = |times: &[TimeOfDay], minutes: u64| {
            let keeping = Keeping {
                times: times.to_vec(),
                ..small()
            };
            let after = SystemTime::UNIX_EPOCH + Duration::from_mins(minutes);
            let next = next_time(&keeping, after)?;
            let since = next.duration_since(SystemTime::UNIX_EPOCH).unwrap();
            Some(since.as_secs() / 60)
        };
        assert_eq!(next(&[], 0), None);
        assert_eq!(next(&[at(Some(6), 30)], 0), Some(6 * 60 + 30));
        assert_eq!(next(&[at(Some(6), 30)], 6 * 60 + 30), Some(30 * 60 + 30));
        assert_eq!(next(&[at(None, 0), at(None, 15)], 61), Some(75));
    }

    #[test]
    fn old_files_are_named_and_compressed_as_the_config_says() {
        let folder = tempfile::tempdir().unwrap();
        let keeping = Keeping {
            compression: Compression::Zstd,
            name_format: Some("2006".into()),
            ..small()
        };
        write(folder.path(), keeping, 2);
        let names = names(folder.path());
        let [old, new] = names.as_slice() else {
            panic!("{names:?}");
        };
        assert!(
            old.starts_with("a-20") && old.ends_with("-size.log.zst"),
            "{old}"
        );
        assert_eq!(new, "a.log");
        let file = std::fs::File::open(folder.path().join(old)).unwrap();
        let text = std::io::read_to_string(zstd::Decoder::new(file).unwrap()).unwrap();
        assert!(text.starts_with("0xxx"), "{text}");
    }
}
