//! Entries that could not be written: how many, and why, said on standard error where nothing else can say it.

use std::io::{self, Write};
use std::time::{Duration, Instant, SystemTime};

use super::Level;
use super::encode::Encoding;
use super::entry::{About, Entry};

/// How often it is said: a disk that is full refuses every entry.
const PAUSE: Duration = Duration::from_mins(1);

/// Entries that could not be written since it was said last.
#[derive(Debug, Default)]
pub(super) struct Failures {
    entries: u64,
    last: Option<io::Error>,
    said: Option<Instant>,
}

impl Failures {
    /// Counts an entry if it was not written.
    pub(super) fn count(&mut self, written: io::Result<()>) {
        if let Err(error) = written {
            self.entries += 1;
            self.last = Some(error);
        }
    }

    /// Notes that what was taken for written may not be there.
    pub(super) fn note(&mut self, flushed: io::Result<()>) {
        if let Err(error) = flushed {
            self.last = Some(error);
        }
    }

    /// What is to be said now: at once the first time, then once a minute.
    pub(super) fn due(&mut self) -> Option<Entry> {
        let error = self.last.as_ref()?;
        if self.said.is_some_and(|said| said.elapsed() < PAUSE) {
            return None;
        }
        let fields = vec![
            ("error", error.to_string().into()),
            ("lost", self.entries.into()),
        ];
        *self = Self {
            said: Some(Instant::now()),
            ..Self::default()
        };
        Some(Entry {
            at: SystemTime::now(),
            level: Level::Error,
            logger: "".into(),
            message: "log entries cannot be written".into(),
            about: About::Event(fields),
        })
    }
}

/// Says it where people look who wonder about a log.
pub(super) fn say(entry: &Entry) {
    // There is nowhere else to say it.
    io::stderr()
        .write_all(Encoding::json().line(entry).as_bytes())
        .ok();
}

#[cfg(test)]
mod tests {
    use super::Failures;

    #[test]
    fn it_is_said_once_and_nothing_is_said_where_nothing_failed() {
        let full = || Err(std::io::ErrorKind::StorageFull.into());
        let mut failures = Failures::default();
        failures.count(Ok(()));
        assert!(failures.due().is_none());
        failures.count(full());
        failures.note(full());
        assert!(failures.due().is_some());
        failures.count(full());
        assert!(failures.due().is_none());
    }
}
