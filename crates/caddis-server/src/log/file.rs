//! A log in a file, rolled when it has grown: the old one gets a name with its time, and is compressed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use flate2::Compression;
use flate2::write::GzEncoder;
use time::OffsetDateTime;
use time::macros::format_description;

const MIB: u64 = 1024 * 1024;
const DAY: Duration = Duration::from_hours(24);

/// How a file is rolled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rolling {
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

impl Rolling {
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
            size: roll.then(|| or(size_mb, 100).saturating_mul(MIB)),
            interval: None,
            compress: true,
            keep: usize::try_from(or(keep, 10)).unwrap_or(usize::MAX),
            keep_for: DAY * days,
            local_time: false,
        }
    }
}

/// A file that is written to its end.
#[derive(Debug)]
pub(super) struct LogFile {
    path: PathBuf,
    mode: u32,
    rolling: Rolling,
    file: BufWriter<File>,
    size: u64,
    opened: SystemTime,
}

impl LogFile {
    pub(super) fn open(path: &Path, mode: u32, rolling: Rolling) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = append(path, mode)?;
        Ok(Self {
            path: path.to_owned(),
            mode,
            rolling,
            size: file.metadata()?.len(),
            file: BufWriter::new(file),
            opened: SystemTime::now(),
        })
    }

    pub(super) fn write(&mut self, line: &str) -> io::Result<()> {
        let length = line.len() as u64;
        let full =
            (self.rolling.size).is_some_and(|size| self.size > 0 && self.size + length > size);
        let old = (self.rolling.interval)
            .is_some_and(|interval| self.opened.elapsed().unwrap_or_default() >= interval);
        if full || old {
            self.roll(if full { "size" } else { "time" })?;
        }
        self.size += length;
        self.file.write_all(line.as_bytes())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }

    fn roll(&mut self, reason: &str) -> io::Result<()> {
        self.file.flush()?;
        let rolled = self.rolled_name(reason);
        fs::rename(&self.path, &rolled)?;
        self.file = BufWriter::new(append(&self.path, self.mode)?);
        self.size = 0;
        self.opened = SystemTime::now();
        if self.rolling.compress {
            compress(&rolled, self.mode)?;
        }
        self.remove_old()
    }

    /// `name-2026-11-23T21-25-20.321-size.log`, as Caddy names them.
    fn rolled_name(&self, reason: &str) -> PathBuf {
        let format = format_description!(
            "[year]-[month]-[day]T[hour]-[minute]-[second].[subsecond digits:3]"
        );
        let mut now = OffsetDateTime::now_utc();
        if self.rolling.local_time
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
        let text =
            |part: Option<&std::ffi::OsStr>| part.map(|part| part.to_string_lossy().into_owned());
        let ending = text(self.path.extension()).map(|ending| format!(".{ending}"));
        (
            text(self.path.file_stem()).unwrap_or_default(),
            ending.unwrap_or_default(),
        )
    }

    fn remove_old(&self) -> io::Result<()> {
        let (stem, ending) = self.stem_and_ending();
        let folder = self
            .path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let mut rolled: Vec<PathBuf> = fs::read_dir(folder.unwrap_or(Path::new(".")))?
            .flatten()
            .filter(|file| {
                let name = file.file_name().to_string_lossy().into_owned();
                let name = name.strip_suffix(".gz").unwrap_or(&name);
                (name.strip_prefix(&format!("{stem}-")))
                    .and_then(|rest| rest.strip_suffix(&ending))
                    .is_some_and(is_time_and_reason)
            })
            .map(|file| file.path())
            .collect();
        // The names sort by their time.
        rolled.sort();
        rolled.reverse();
        for (at, path) in rolled.iter().enumerate() {
            let age = fs::metadata(path)?
                .modified()?
                .elapsed()
                .unwrap_or_default();
            let too_old = !self.rolling.keep_for.is_zero() && age > self.rolling.keep_for;
            if (self.rolling.keep > 0 && at >= self.rolling.keep) || too_old {
                fs::remove_file(path)?;
            }
        }
        Ok(())
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

fn append(path: &Path, mode: u32) -> io::Result<File> {
    OpenOptions::new()
        .append(true)
        .create(true)
        .mode(mode)
        .open(path)
}

fn compress(path: &Path, mode: u32) -> io::Result<()> {
    let mut name = path.as_os_str().to_owned();
    name.push(".gz");
    let compressed = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(name)?;
    let mut encoder = GzEncoder::new(compressed, Compression::default());
    io::copy(&mut File::open(path)?, &mut encoder)?;
    encoder.finish()?;
    fs::remove_file(path)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::{LogFile, Rolling};

    fn names(folder: &std::path::Path) -> Vec<String> {
        let mut names: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_that_has_grown_is_rolled_compressed_and_removed_in_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let other = folder.path().join("a-notes.log");
        std::fs::write(&other, "mine").unwrap();
        let rolling = Rolling {
            size: Some(100),
            keep: 2,
            ..Rolling::of(true, None, None, None)
        };
        let mut file = LogFile::open(&folder.path().join("a.log"), 0o600, rolling).unwrap();
        for number in 0..5 {
            file.write(&format!("{number}{}\n", "x".repeat(80)))
                .unwrap();
            // Names have milliseconds.
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        file.flush().unwrap();
        let names = names(folder.path());
        assert_eq!(names.len(), 4, "{names:?}");
        assert!(
            names[0].starts_with("a-20") && names[0].ends_with("-size.log.gz"),
            "{names:?}"
        );
        assert!(
            std::fs::read_to_string(folder.path().join("a.log"))
                .unwrap()
                .starts_with('4')
        );
        let rolled = std::fs::File::open(folder.path().join(&names[1])).unwrap();
        let mut text = String::new();
        flate2::read::GzDecoder::new(rolled)
            .read_to_string(&mut text)
            .unwrap();
        assert!(text.starts_with('3'), "{text}");
        assert_eq!(std::fs::read_to_string(other).unwrap(), "mine");
    }
}
