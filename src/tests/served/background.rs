//! A server that `start` put into the background, and the commands that are sent to it.

use std::fs::{self, File};
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::server::{Launch, PATIENCE, free_port};

const PAUSE: Duration = Duration::from_millis(10);
static PUBLIC: Mutex<()> = Mutex::new(());

/// Ports for a whole server: 80 and 443 where they may be had, others where not.
pub(crate) struct Ports {
    pub(crate) http: u16,
    pub(crate) https: u16,
    _held: Option<(MutexGuard<'static, ()>, File)>,
}

impl Ports {
    /// Of several servers of these tests one at a time gets 80 and 443.
    pub(crate) fn public() -> Self {
        let guard = PUBLIC.lock().unwrap_or_else(PoisonError::into_inner);
        let lock = std::env::temp_dir().join("caddis-tests-ports-80-and-443.lock");
        let lock = File::options().create(true).append(true).open(lock);
        let held = lock.ok().filter(|lock| lock.try_lock().is_ok());
        let free = |port| TcpListener::bind(("0.0.0.0", port)).is_ok();
        match held {
            Some(lock) if free(80) && free(443) => Self {
                http: 80,
                https: 443,
                _held: Some((guard, lock)),
            },
            _ => Self::others(),
        }
    }

    /// Ports that need no rights.
    pub(crate) fn others() -> Self {
        Self {
            http: free_port(),
            https: free_port(),
            _held: None,
        }
    }

    /// The global options for ports that are not the usual ones.
    pub(crate) fn options(&self) -> String {
        if (self.http, self.https) == (80, 443) {
            return String::new();
        }
        format!("\thttp_port {}\n\thttps_port {}\n", self.http, self.https)
    }
}

/// The server, and how to reach its admin endpoint; it is ended with the test.
pub(crate) struct Background {
    pub(crate) launch: Launch,
    admin: String,
    process: Option<Pid>,
}

impl Background {
    /// Nothing runs yet.
    pub(crate) fn new(ports: &Ports) -> Self {
        Self {
            launch: Launch::new(ports.http, ports.https),
            admin: format!("127.0.0.1:{}", free_port()),
            process: None,
        }
    }

    /// Writes the config, and returns the path of its file.
    pub(crate) fn write(&self, config: &str) -> PathBuf {
        let file = self.launch.folder.path().join("Caddyfile");
        fs::write(&file, config).expect("the folder is ours");
        file
    }

    /// `start --config` with a config.
    pub(crate) fn start(&mut self, config: &str) -> Said {
        let file = self.write(config);
        let said = self.command(&["start", "--config", &file.to_string_lossy()], "");
        if let Some((_, rest)) = said.out.split_once("pid=") {
            let digits = rest.split(|char: char| !char.is_ascii_digit()).next();
            let id = digits.and_then(|digits| digits.parse().ok());
            self.process = id.and_then(Pid::from_raw);
        }
        said
    }

    /// `reload --config` with another config.
    pub(crate) fn reload(&self, config: &str) -> Said {
        let file = self.write(config);
        self.command(&["reload", "--config", &file.to_string_lossy()], "")
    }

    /// Any command, with what is typed into it.
    pub(crate) fn command(&self, words: &[&str], typed: &str) -> Said {
        // What Caddy starts in the background keeps these open: pipes would never end.
        let folder = self.launch.folder.path();
        let (out, err) = (folder.join("stdout"), folder.join("stderr"));
        let create = |path: &Path| File::create(path).expect("the folder is ours");
        let mut command: Command = self.launch.command();
        let mut child = command
            .args(words)
            .env("CADDY_ADMIN", &self.admin)
            .stdin(Stdio::piped())
            .stdout(create(&out))
            .stderr(create(&err))
            .spawn()
            .expect("the program under test can be started");
        let mut input = child.stdin.take().expect("it is piped");
        input.write_all(typed.as_bytes()).unwrap_or_default();
        drop(input);
        let status = crate::server::wait(&mut child);
        let _ = child.kill();
        let _ = child.wait();
        let read = |path: &Path| fs::read_to_string(path).expect("programs write text");
        Said {
            code: status.and_then(|status| status.code()),
            out: read(&out),
            err: read(&err),
        }
    }

    /// Waits until the process is gone.
    pub(crate) fn wait_for_the_end(&mut self) {
        let start = Instant::now();
        let process = self.process.expect("it was started");
        while is_running(process) {
            assert!(start.elapsed() < PATIENCE, "it never ends");
            thread::sleep(PAUSE);
        }
        self.process = None;
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(process) = self.process {
            let _ = kill_process(process, Signal::KILL);
        }
    }
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    /// Nothing if it had to be ended.
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    /// Asserts that it went well, and returns what it printed.
    pub(crate) fn well(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self.out
    }
}

/// False also of a process that ended and whose end nobody asked for.
fn is_running(process: Pid) -> bool {
    let path = format!("/proc/{}/stat", process.as_raw_nonzero());
    let Ok(stat) = fs::read_to_string(path) else {
        return false;
    };
    let state = stat.rsplit_once(") ").map_or("", |(_, rest)| rest);
    !state.starts_with('Z')
}
