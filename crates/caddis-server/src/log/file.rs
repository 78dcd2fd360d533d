//! A log in a file, rolled when it has grown: the old one gets a name with its time, and is compressed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::rolled::{Rolled, Tidier};

const MIB: u64 = 1024 * 1024;
const DAY: Duration = Duration::from_hours(24);
/// The permissions of a log file if the config gives none.
const MODE: u32 = 0o600;

/// How a file is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Keeping {
    /// The permissions that the config gives, also to a file that is there already.
    pub(super) mode: Option<u32>,
    /// The size at which it is rolled; never if `None`.
    pub(super) size: Option<u64>,
    /// The time after which it is rolled.
    pub(super) interval: Option<Duration>,
    pub(super) compress: bool,
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
            compress: true,
            keep: usize::try_from(or(keep, 10)).unwrap_or(usize::MAX),
            keep_for: DAY * days,
            local_time: false,
        }
    }

    fn mode(&self) -> u32 {
        self.mode.unwrap_or(MODE)
    }

    fn rolls(&self) -> bool {
        self.size.is_some() || self.interval.is_some()
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
    /// Takes care of rolled files, once the file is in use.
    tidier: Option<Tidier>,
}

impl LogFile {
    /// Opens a file, and makes it and its folder if they are not there. What is there already is not changed.
    pub(super) fn open(path: &Path, keeping: Keeping) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = append(path, keeping.mode())?;
        Ok(Self {
            path: path.to_owned(),
            keeping,
            size: file.metadata()?.len(),
            file: BufWriter::new(file),
            opened: SystemTime::now(),
            tidier: None,
        })
    }

    /// Keeps the file as a config says from now on, and begins anew if somebody moved or removed it.
    pub(super) fn keep(&mut self, keeping: Keeping) -> io::Result<()> {
        let is_moved = match (fs::metadata(&self.path), self.file.get_ref().metadata()) {
            (Ok(there), Ok(ours)) => (there.dev(), there.ino()) != (ours.dev(), ours.ino()),
            (Err(_), _) | (_, Err(_)) => true,
        };
        let is_new = self.tidier.is_none() || self.keeping != keeping;
        self.keeping = keeping;
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
        if full || old {
            // A file that cannot be rolled is written to all the same: what it says matters more than its size.
            self.roll(if full { "size" } else { "time" }).ok();
        }
        self.size += length;
        self.file.write_all(line.as_bytes())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
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
        Ok(())
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

    use super::{Keeping, LogFile};

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
            compress: false,
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
            compress: false,
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
}
