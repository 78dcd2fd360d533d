//! All logs of a config, and the thread that writes them.
//!
//! Entries go to the thread through a bounded queue. When it is full they are dropped and counted: a disk that does
//! not answer must not stop requests. The count is logged as soon as there is room again.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

use caddis_ir::{Config, Log};

use super::Level;
use super::change::Fill;
use super::encode::Encoding;
use super::entry::{About, Entry};
use super::failures::{self, Failures};
use super::files::{Files, SharedFile};
use super::filter::Filter;
use super::sampling::Sampling;
use super::sink::Sink;

/// How many entries may wait to be written.
const QUEUE: usize = 16 * 1024;
/// How long what is written may take in the end.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);
/// How often it is looked whether there is room for another entry.
pub(super) const LOOK: Duration = Duration::from_millis(10);
/// The log that is there even if the config does not name it.
const DEFAULT: &str = "default";

/// All logs of a config. Cheap to clone; what is written is closed when the last clone is gone.
#[derive(Clone, Debug)]
pub(crate) struct Logs(Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    filters: Vec<Filter>,
    queue: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
}

/// Why logs cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LogError {
    /// The name of the log.
    pub(crate) log: String,
    /// What is wrong.
    pub(crate) message: String,
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "log `{}`: {}", self.log, self.message)
    }
}

#[derive(Debug)]
enum Message {
    Entry(Entry),
    /// The config is in use, and its files are kept as it says; what comes next waits until all before is written.
    InUse {
        before: Option<Receiver<()>>,
    },
    /// Everything before this is written when the sender is dropped.
    Flush(SyncSender<()>),
}

/// Entries that wait to be read.
#[derive(Debug)]
pub(crate) struct Kept(Receiver<Message>);

impl Kept {
    /// The entries since the last time, each as a line of JSON.
    pub(crate) fn lines(&self) -> Vec<String> {
        let messages = self.0.try_iter();
        let entries = messages.filter_map(|message| match message {
            Message::Entry(entry) => Some(Encoding::json().line(&entry)),
            Message::InUse { .. } | Message::Flush(_) => None,
        });
        entries.collect()
    }
}

/// One log.
struct Open {
    filter: Filter,
    sink: Sink,
    encoding: Encoding,
    sampling: Option<Sampling>,
}

impl Logs {
    /// Opens the logs of a config and starts their thread, which ends after the last clone is gone.
    ///
    /// A file that is open already is shared. `colour` says that terminals may get colours.
    pub(super) fn open(
        config: &Config,
        colour: bool,
        fill: Fill<'_>,
        files: &Files,
    ) -> Result<(Self, JoinHandle<()>), LogError> {
        let given = config.logging.clone().unwrap_or_default().logs;
        let default = (!given.contains_key(DEFAULT)).then(|| (DEFAULT.to_owned(), Log::default()));
        let logs: Vec<_> = given
            .into_iter()
            .chain(default)
            .map(|(name, log)| {
                open(&log, colour, fill, files).map_err(|message| LogError { log: name, message })
            })
            .collect::<Result<_, _>>()?;
        let filters = logs.iter().map(|log| log.filter.clone()).collect();
        let (queue, messages) = sync_channel(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        let lost = Arc::clone(&dropped);
        let thread = std::thread::Builder::new()
            .name("logs".into())
            .spawn(move || write(logs, &messages, &lost))
            .map_err(|error| LogError {
                log: DEFAULT.into(),
                message: error.to_string(),
            })?;
        let inner = Inner {
            filters,
            queue,
            dropped,
        };
        Ok((Self(Arc::new(inner)), thread))
    }

    /// Logs that take everything and that nobody writes: entries wait until they are read.
    pub(crate) fn kept() -> (Self, Kept) {
        let (queue, entries) = sync_channel(QUEUE);
        let everything = Filter {
            level: Level::Debug,
            include: Vec::new(),
            exclude: Vec::new(),
        };
        let logs = Self(Arc::new(Inner {
            filters: vec![everything],
            queue,
            dropped: Arc::default(),
        }));
        (logs, Kept(entries))
    }

    /// True if a log takes such an entry: others need not be made.
    pub(crate) fn take(&self, level: Level, logger: &str) -> bool {
        self.0
            .filters
            .iter()
            .any(|filter| filter.takes(level, logger))
    }

    /// The least level that any log takes.
    pub(crate) fn least_level(&self) -> Level {
        let levels = self.0.filters.iter().map(|filter| filter.level);
        levels.min().unwrap_or(Level::Error)
    }

    /// Writes an entry, soon.
    pub(crate) fn write(&self, entry: Entry) {
        match self.0.queue.try_send(Message::Entry(entry)) {
            Ok(()) => {}
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {
                self.0.dropped.fetch_add(1, Relaxed);
            }
        }
    }

    /// Has files kept as this config says, after what `before` has still to write, so that lines keep their order.
    pub(super) fn put_in_use(&self, before: Option<&Self>) {
        let before = before.and_then(|before| {
            let (done, wait) = sync_channel(0);
            (before.0.queue.try_send(Message::Flush(done)).ok()).map(|()| wait)
        });
        // The queue is as good as empty before anybody knows of these logs.
        self.0.queue.try_send(Message::InUse { before }).ok();
    }

    /// True if the other is a clone.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// A handle that does not keep them open.
    pub(super) fn downgrade(&self) -> Weak<Inner> {
        Arc::downgrade(&self.0)
    }

    /// The logs of a handle, if somebody uses them still.
    pub(super) fn upgrade(handle: &Weak<Inner>) -> Option<Self> {
        handle.upgrade().map(Self)
    }

    /// Waits until everything is written, but not longer than `until`: nobody may be reading the pipe that it goes to.
    pub(super) fn flush(&self, until: Instant) {
        let (done, wait) = sync_channel(0);
        let mut message = Message::Flush(done);
        while let Err(TrySendError::Full(unsent)) = self.0.queue.try_send(message) {
            if Instant::now() > until {
                return;
            }
            message = unsent;
            std::thread::sleep(LOOK);
        }
        // Nothing is ever sent: the end of the other side is the answer.
        wait.recv_timeout(until.saturating_duration_since(Instant::now()))
            .ok();
    }
}

fn open(log: &Log, colour: bool, fill: Fill<'_>, files: &Files) -> Result<Open, String> {
    let level =
        Level::parse(&log.level).ok_or_else(|| format!("`{}` is not a level", log.level))?;
    let sink = Sink::open(log.writer.as_ref(), files, fill)?;
    Ok(Open {
        encoding: sink.encoding(log, colour, fill)?,
        sampling: log.sampling.as_ref().map(Sampling::read),
        sink,
        filter: Filter {
            level,
            include: log.include.clone(),
            exclude: log.exclude.clone(),
        },
    })
}

/// Writes what comes in until nobody can send any more. Everything is flushed when nothing waits.
fn write(mut logs: Vec<Open>, messages: &Receiver<Message>, dropped: &AtomicU64) {
    let logs = logs.as_mut_slice();
    let mut failures = Failures::default();
    while let Ok(first) = messages.recv() {
        let mut next = Some(first);
        let mut flushed = Vec::new();
        while let Some(message) = next {
            match message {
                Message::Entry(entry) => write_entry(logs, &entry, &mut failures),
                Message::InUse { before } => begin(logs, before.as_ref(), &mut failures),
                Message::Flush(done) => flushed.push(done),
            }
            next = messages.try_recv().ok();
        }
        let lost = dropped.swap(0, Relaxed);
        if lost > 0 {
            write_entry(logs, &loss(lost), &mut failures);
        }
        for log in &*logs {
            failures.note(log.sink.flush());
        }
        if let Some(entry) = failures.due() {
            tell(logs, &entry);
        }
        drop(flushed);
    }
}

/// Has files kept as the config says. Of two logs of one file the first decides.
fn begin(logs: &mut [Open], before: Option<&Receiver<()>>, failures: &mut Failures) {
    if let Some(before) = before {
        // Nothing is ever sent: the end of the other side is the answer.
        before.recv_timeout(PATIENCE).ok();
    }
    let mut begun: Vec<&SharedFile> = Vec::new();
    let mut errors = Vec::new();
    for log in &*logs {
        let Sink::File { file, keeping } = &log.sink else {
            continue;
        };
        if begun.iter().any(|begun| Arc::ptr_eq(begun, file)) {
            continue;
        }
        begun.push(file);
        errors.extend(file.lock().keep(keeping.clone()).err());
    }
    for error in errors {
        write_entry(logs, &not_kept(&error), failures);
    }
}

fn write_entry(logs: &mut [Open], entry: &Entry, failures: &mut Failures) {
    for log in logs {
        let is_taken = log.filter.takes(entry.level, &entry.logger)
            && (log.sampling.as_mut()).is_none_or(|sampling| sampling.takes(entry));
        if is_taken {
            failures.count(log.sink.write(&log.encoding.line(entry)));
        }
    }
}

/// Says that entries cannot be written: in the logs that can say so, and on standard error.
fn tell(logs: &mut [Open], entry: &Entry) {
    write_entry(logs, entry, &mut Failures::default());
    let is_said = |log: &Open| {
        matches!(log.sink, Sink::Stderr) && log.filter.takes(entry.level, &entry.logger)
    };
    if !logs.iter().any(is_said) {
        failures::say(entry);
    }
    for log in &*logs {
        // It was said already.
        log.sink.flush().ok();
    }
}

fn not_kept(error: &io::Error) -> Entry {
    Entry {
        at: SystemTime::now(),
        level: Level::Error,
        logger: "".into(),
        message: "a log file cannot be kept as the config says".into(),
        about: About::Event(vec![("error", error.to_string().into())]),
    }
}

fn loss(lost: u64) -> Entry {
    Entry {
        at: SystemTime::now(),
        level: Level::Warn,
        logger: "".into(),
        message: "log entries were dropped because writing them took too long".into(),
        about: About::Event(vec![("dropped", lost.into())]),
    }
}

#[cfg(test)]
mod tests {
    use super::{Files, Instant, Logs, PATIENCE, loss};

    #[test]
    fn a_pipe_that_nobody_reads_does_not_keep_the_server_from_ending() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let reader = std::fs::File::options().read(true).write(true).open(&pipe);
        let json = format!(
            r#"{{"logging":{{"logs":{{"default":{{"writer":{{"output":"file","filename":"{}"}}}}}}}}}}"#,
            pipe.display()
        );
        let config = caddis_ir::read(&json).unwrap();
        let variables = crate::testing::environment().variable;
        let (logs, _) = Logs::open(&config, false, &variables, &Files::default()).unwrap();
        for lost in 0..5000 {
            logs.write(loss(lost));
        }
        let asked = Instant::now();
        logs.flush(asked + PATIENCE);
        assert!(asked.elapsed() >= PATIENCE);
        drop(reader);
    }
}
