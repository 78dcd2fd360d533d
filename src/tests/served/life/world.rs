//! A folder with a config and ports of its own, in which commands are run.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::server::{PATIENCE, free_port, program, wait};

const PAUSE: Duration = Duration::from_millis(10);
/// Where the processes of a world write what they have to say.
const LOG: &str = "log";

/// A folder with a `Caddyfile`, and ports that nobody else has.
pub(crate) struct World {
    pub(crate) http: u16,
    pub(crate) admin: u16,
    folder: TempDir,
}

impl World {
    /// A site that answers with this text, and an admin endpoint.
    pub(crate) fn answering(text: &str) -> Self {
        let world = Self {
            http: free_port(),
            admin: free_port(),
            folder: tempfile::tempdir().expect("there is room for a folder"),
        };
        world.write("Caddyfile", &world.site(text, ""));
        world
    }

    /// The text of a config with a site that answers with this text.
    pub(crate) fn site(&self, text: &str, options: &str) -> String {
        format!(
            "{{\n\tadmin 127.0.0.1:{}\n{options}}}\nhttp://:{} {{\n\tbind 127.0.0.1\n\trespond {text}\n}}\n",
            self.admin, self.http
        )
    }

    /// Writes a file in one step, as editors do.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let fresh = self.path("fresh");
        fs::write(&fresh, text).expect("the folder is ours");
        fs::rename(fresh, self.path(name)).expect("the folder is ours");
    }

    /// A file of the folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where the config is kept for `--resume`.
    pub(crate) fn autosave(&self) -> PathBuf {
        self.path("config/caddy/autosave.json")
    }

    /// A command line in this folder, with its own home.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(&program(), arguments)
    }

    /// The same for another program.
    pub(crate) fn command_of(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("XDG_DATA_HOME", self.path("data"))
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("CADDY_ADMIN", format!("127.0.0.1:{}", self.admin))
            .env_remove("NOTIFY_SOCKET")
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments)
            .output()
            .expect("the program under test can be started")
    }

    /// Runs a command whose end is near and good.
    pub(crate) fn done(&self, arguments: &[&str]) -> Output {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {error}");
        output
    }

    /// Starts a command that serves until it is told to stop.
    pub(crate) fn serve(&self, arguments: &[&str]) -> Running {
        self.serve_with(self.command(arguments))
    }

    /// The same for a command that was prepared.
    pub(crate) fn serve_with(&self, mut command: Command) -> Running {
        let log = self.path(LOG);
        let file = File::create(&log).expect("the folder is ours");
        let child = command
            .stdout(Stdio::null())
            .stderr(file)
            .spawn()
            .expect("the program under test can be started");
        Running { child, log }
    }

    /// What the site answers now, if anybody is there.
    pub(crate) fn answer(&self) -> Option<String> {
        ask(self.http)
    }

    /// Waits until the site answers with this text.
    pub(crate) fn wait_for(&self, text: &str) {
        let log = || fs::read_to_string(self.path(LOG)).unwrap_or_default();
        assert!(
            until(|| self.answer().as_deref() == Some(text)),
            "`{text}` is never answered:\n{}",
            log()
        );
    }

    /// Waits until nobody answers.
    pub(crate) fn wait_for_the_end(&self) {
        assert!(until(|| self.answer().is_none()), "it never ends");
    }
}

/// A process that serves; it is ended with the test.
pub(crate) struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Its number.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it said so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        send(self.child.id(), signal);
    }

    /// Waits for its end.
    pub(crate) fn exit(&mut self) -> ExitStatus {
        let ended = wait(&mut self.child);
        ended.unwrap_or_else(|| panic!("it never ends:\n{}", self.log()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A process that was left in the background; it is ended with the test.
pub(crate) struct Left(pub(crate) u32);

impl Drop for Left {
    fn drop(&mut self) {
        send(self.0, Signal::KILL);
    }
}

/// Sends a signal to a process that one of these tests has started.
fn send(process: u32, signal: Signal) {
    let id = i32::try_from(process).expect("process ids are small");
    let id = Pid::from_raw(id).expect("process ids are positive");
    // One that has ended needs no signal.
    let _ = kill_process(id, signal);
}

/// Waits until something is so; false if it never is.
pub(crate) fn until(mut so: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if so() {
            return true;
        }
        thread::sleep(PAUSE);
    }
    false
}

/// The body of what a port of this machine answers.
fn ask(port: u16) -> Option<String> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream
        .write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (_, body) = answer.split_once("\r\n\r\n")?;
    Some(body.into())
}
