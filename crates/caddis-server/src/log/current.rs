//! The logs that are in use: a new config changes them, and no entry is lost on the way.

use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Instant;

use arc_swap::ArcSwapOption;
use caddis_ir::Config;
use parking_lot::Mutex;

use super::Logs;
use super::files::Files;
use super::logs::{Inner, LOOK, LogError, PATIENCE};
use super::subscribe;
use crate::environment::Variables;

/// The logs that are in use. Cheap to clone; one for the life of the process.
///
/// Events of `tracing` go to the logs of the last config that was adopted. Requests that began in an older config are
/// written down in its logs, which are closed when nobody uses them any more.
#[derive(Clone, Debug, Default)]
pub(crate) struct Current {
    in_use: Arc<ArcSwapOption<Logs>>,
    files: Files,
    opened: Arc<Mutex<Vec<Opened>>>,
}

/// Logs that were opened, and the thread that writes them.
#[derive(Debug)]
struct Opened {
    logs: Weak<Inner>,
    thread: JoinHandle<()>,
}

impl Current {
    /// Takes the events of `tracing`; until a config is adopted they go to standard error.
    pub(crate) fn install(variable: &Variables) -> Result<Self, LogError> {
        let current = Self::default();
        let first = current.open(&Config::default(), variable)?;
        current.in_use.store(Some(Arc::new(first)));
        subscribe::install(Arc::clone(&current.in_use));
        Ok(current)
    }

    /// Opens the logs of a config. Nothing is changed but that files are there that were not: see [`Self::adopt`].
    pub(crate) fn open(&self, config: &Config, variable: &Variables) -> Result<Logs, LogError> {
        // https://no-color.org: set and not empty.
        let no_colour = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
        let (logs, thread) = Logs::open(config, !no_colour, variable, &self.files)?;
        let mut opened = self.opened.lock();
        opened.retain(|opened| !opened.thread.is_finished());
        opened.push(Opened {
            logs: logs.downgrade(),
            thread,
        });
        Ok(logs)
    }

    /// Uses the logs of a config from now on.
    pub(crate) fn adopt(&self, logs: &Logs) {
        let before = self.in_use.load_full();
        if before.as_deref().is_some_and(|before| before.is(logs)) {
            return;
        }
        logs.put_in_use(before.as_deref());
        self.in_use.store(Some(Arc::new(logs.clone())));
        // What `tracing` knows of who wants which event is what the old logs wanted.
        tracing::callsite::rebuild_interest_cache();
    }

    /// Waits until all logs are written, those of older configs too, but not for ever.
    pub(crate) fn flush(&self) {
        let until = Instant::now() + PATIENCE;
        for Opened { logs, thread } in self.opened.lock().iter() {
            if let Some(logs) = Logs::upgrade(logs) {
                logs.flush(until);
                continue;
            }
            // Nobody can say more, and what was said is being written.
            while !thread.is_finished() && Instant::now() < until {
                std::thread::sleep(LOOK);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;
    use std::time::SystemTime;

    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::registry::Registry;

    use super::{Arc, Config, Current, Logs};
    use crate::log::subscribe::ToLogs;
    use crate::log::{About, Entry, Level};

    /// A config whose default log is a file; `more` are settings of the file, `level` is the log's.
    fn config(file: &Path, level: &str, more: &str) -> Config {
        let json = format!(
            r#"{{"logging":{{"logs":{{"default":{{"level":"{level}","writer":{{"output":"file","filename":"{}"{more}}}}}}}}}}}"#,
            file.display()
        );
        caddis_ir::read(&json).unwrap()
    }

    fn open(current: &Current, config: &Config) -> Logs {
        let variable = crate::testing::environment().variable;
        current.open(config, &variable).unwrap()
    }

    fn say(logs: &Logs, message: &str) {
        logs.write(Entry {
            at: SystemTime::now(),
            level: Level::Info,
            logger: "".into(),
            message: message.into(),
            about: About::Event(Vec::new()),
        });
    }

    fn permissions(file: &Path) -> u32 {
        std::fs::metadata(file).unwrap().permissions().mode() & 0o777
    }

    /// The messages in a file.
    fn messages(file: &Path) -> Vec<String> {
        let text = std::fs::read_to_string(file).unwrap();
        let lines = text.lines().map(|line| {
            let entry: serde_json::Value = serde_json::from_str(line).unwrap();
            entry["msg"].as_str().unwrap().to_owned()
        });
        lines.collect()
    }

    #[test]
    fn events_go_to_the_logs_that_are_in_use_at_their_level() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a.log"), folder.path().join("b.log"));
        let current = Current::default();
        let subscriber = Registry::default().with(ToLogs(Arc::clone(&current.in_use)));
        tracing::subscriber::with_default(subscriber, || {
            let happen = |name: &str| {
                tracing::debug!(target: "happens", "{name} debug");
                tracing::info!(target: "happens", "{name} info");
            };
            happen("before");
            current.adopt(&open(&current, &config(&a, "INFO", "")));
            happen("first");
            let next = open(&current, &config(&b, "DEBUG", ""));
            happen("opened");
            current.adopt(&next);
            happen("second");
            current.adopt(&open(&current, &config(&a, "ERROR", "")));
            happen("third");
        });
        current.flush();
        assert_eq!(messages(&a), ["first info", "opened info"]);
        assert_eq!(messages(&b), ["second debug", "second info"]);
    }

    #[test]
    fn a_file_that_two_configs_name_is_one_and_closed_after_the_last() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let current = Current::default();
        let old = open(&current, &config(&path, "", ""));
        current.adopt(&old);
        say(&old, "1");
        let more = r#","roll_size_mb":1,"roll_gzip":false,"mode":"0640""#;
        let new = open(&current, &config(&path, "", more));
        current.adopt(&new);
        // Together more than a mebibyte, and neither alone.
        let long = "x".repeat(100_000);
        for _ in 0..6 {
            say(&old, &long);
            say(&new, &long);
        }
        current.flush();
        let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(names.len(), 2, "{names:?}");
        drop((old, new));
        current.in_use.store(None);
        current.flush();
        assert_eq!(current.files.count(), 0);
        assert_eq!(permissions(&path), 0o640);
    }

    #[test]
    fn logs_that_cannot_be_opened_change_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("a.log"), folder.path().join("b.log"));
        let current = Current::default();
        let logs = open(&current, &config(&path, "", ""));
        current.adopt(&logs);
        let json = format!(
            r#"{{"logging":{{"logs":{{
                "a":{{"writer":{{"output":"file","filename":"{}","mode":"0644"}}}},
                "b":{{"writer":{{"output":"file","filename":"{}"}}}},
                "c":{{"writer":{{"output":"file","filename":"{}/x"}}}}}}}}}}"#,
            path.display(),
            other.display(),
            path.display(),
        );
        let variable = crate::testing::environment().variable;
        let refused = current.open(&caddis_ir::read(&json).unwrap(), &variable);
        assert_eq!(refused.unwrap_err().log, "c");
        assert_eq!(current.files.count(), 1);
        say(&logs, "1");
        current.flush();
        assert_eq!(messages(&path), ["1"]);
        assert_eq!(permissions(&path), 0o600);
    }

    #[test]
    fn what_the_old_logs_have_still_to_write_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.log");
        let current = Current::default();
        let mut expected = Vec::new();
        for round in 0..20 {
            let logs = open(&current, &config(&path, "", ""));
            current.adopt(&logs);
            for number in 0..20 {
                let message = format!("{round}.{number}");
                say(&logs, &message);
                expected.push(message);
            }
        }
        current.flush();
        assert_eq!(messages(&path), expected);
    }
}
