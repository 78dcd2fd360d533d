//! The server under test: a process of its own, with ports and folders of its own.

use std::fs;
use std::io::Read;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// How long anything in these tests may take before it counts as stuck.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(10);

/// The program under test.
pub(crate) fn program() -> PathBuf {
    std::env::var_os("CADDIS").map_or_else(|| env!("CARGO_BIN_EXE_caddis").into(), PathBuf::from)
}

/// True if the program under test is the real Caddy, whose name differs in what it sends.
pub(crate) fn is_real_caddy() -> bool {
    program().file_name().is_some_and(|name| name == "caddy")
}

/// A port that nobody listens on right now, below those that the system gives to clients, and never the same twice.
pub(crate) fn free_port() -> u16 {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let start = std::process::id().wrapping_mul(997);
    loop {
        let step = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = 16_000 + start.wrapping_add(step) % 16_000;
        let port = u16::try_from(port).expect("it is below 32000");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// A program to run, the folder that it runs in and keeps its files in, and its ports.
#[derive(Clone)]
pub(crate) struct Launch {
    pub(crate) program: PathBuf,
    pub(crate) folder: Arc<TempDir>,
    pub(crate) http: u16,
    pub(crate) https: u16,
    /// What its environment has besides.
    pub(crate) variables: Vec<(String, String)>,
}

impl Launch {
    /// The program under test, with a folder of its own.
    pub(crate) fn new(http: u16, https: u16) -> Self {
        Self {
            program: program(),
            folder: Arc::new(tempfile::tempdir().expect("there is room for a folder")),
            http,
            https,
            variables: Vec::new(),
        }
    }

    /// Starts it and waits for nothing.
    pub(crate) fn run(&self, config: &str) -> Server {
        self.run_with(self.command(), config)
    }

    /// The same with a command that was prepared.
    pub(crate) fn run_with(&self, mut command: Command, config: &str) -> Server {
        let file = self.folder.path().join("Caddyfile");
        fs::write(file, config).expect("the folder is ours");
        command.args(["run", "--config", "Caddyfile"]);
        self.spawn(command)
    }

    /// Starts it with the config that was served last.
    pub(crate) fn resume(&self) -> Server {
        let mut command = self.command();
        command.args(["run", "--resume"]);
        self.spawn(command)
    }

    fn spawn(&self, mut command: Command) -> Server {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program under test can be started");
        let log = Arc::new(Mutex::new(String::new()));
        let reader = child.stderr.take().map(|stderr| keep(stderr, &log));
        Server {
            http: self.http,
            https: self.https,
            child,
            folder: Arc::clone(&self.folder),
            log,
            reader,
        }
    }

    /// The program with its folders, without words.
    pub(crate) fn command(&self) -> Command {
        let folder = self.folder.path();
        let mut command = Command::new(&self.program);
        command
            .current_dir(folder)
            .envs(self.variables.iter().cloned())
            .env("HOME", folder)
            .env("XDG_DATA_HOME", folder.join("data"))
            .env("XDG_CONFIG_HOME", folder.join("config"));
        command
    }

    /// Where it keeps certificates and other state.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data/caddy")
    }
}

/// A server that runs; it is ended with the test.
pub(crate) struct Server {
    pub(crate) http: u16,
    pub(crate) https: u16,
    child: Child,
    folder: Arc<TempDir>,
    log: Arc<Mutex<String>>,
    reader: Option<JoinHandle<()>>,
}

impl Server {
    /// Serves these sites, on free ports, with certificates of its own CA for every name.
    pub(crate) fn start(sites: &str) -> Self {
        let (http, https) = (free_port(), free_port());
        let options = format!(
            "{{\n\tadmin off\n\thttp_port {http}\n\thttps_port {https}\n\tlocal_certs\n\tskip_install_trust\n}}\n"
        );
        let mut server = Launch::new(http, https).run(&(options + sites));
        server.wait_until_ready(sites.contains("http://"));
        server
    }

    /// Serves a config that names its own ports.
    pub(crate) fn start_as_it_stands(config: &str, http: u16, https: u16) -> Self {
        let mut server = Launch::new(http, https).run(config);
        server.wait_until_ready(false);
        server
    }

    /// Waits until it listens for HTTPS, and has its certificates.
    pub(crate) fn wait(&mut self) {
        self.wait_until_ready(false);
    }

    fn wait_until_ready(&mut self, plain: bool) {
        let port = if plain { self.http } else { self.https };
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() || !(plain || self.has_certificate())
        {
            if let Ok(Some(status)) = self.child.try_wait() {
                panic!("the server ended with {status}:\n{}", self.log());
            }
            assert!(
                start.elapsed() < PATIENCE,
                "the server never listens:\n{}",
                self.log()
            );
            thread::sleep(PAUSE);
        }
    }

    /// The real Caddy listens before it has its certificates; we do not.
    fn has_certificate(&self) -> bool {
        !is_real_caddy() || self.log().contains("certificate obtained successfully")
    }

    /// The root of the CA that signs its certificates.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder
            .path()
            .join("data/caddy/pki/authorities/local/root.crt")
    }

    /// The folder in which it runs.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote to standard error so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().expect("nobody panics with the log").clone()
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).expect("process ids are small");
        let id = Pid::from_raw(id).expect("process ids are positive");
        kill_process(id, signal).expect("the server is ours");
    }

    /// Waits for its end.
    pub(crate) fn exit(&mut self) -> ExitStatus {
        let status =
            wait(&mut self.child).unwrap_or_else(|| panic!("it never ends:\n{}", self.log()));
        if let Some(reader) = self.reader.take() {
            reader.join().expect("the log is read to its end");
        }
        status
    }

    /// True if it ended already.
    pub(crate) fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }
}

impl Drop for Server {
    #[expect(
        clippy::print_stdout,
        reason = "a failed test shows what the server said"
    )]
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            println!("the server's log:\n{}", self.log());
        }
    }
}

/// Waits for the end of a process, or gives up.
pub(crate) fn wait(child: &mut Child) -> Option<ExitStatus> {
    let start = Instant::now();
    while start.elapsed() < PATIENCE {
        if let Ok(Some(status)) = child.try_wait() {
            return Some(status);
        }
        thread::sleep(PAUSE);
    }
    None
}

/// Collects what a process writes.
pub(crate) fn keep(
    mut stderr: impl Read + Send + 'static,
    log: &Arc<Mutex<String>>,
) -> JoinHandle<()> {
    let log = Arc::clone(log);
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = stderr.read(&mut bytes) {
            let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
            log.lock()
                .expect("nobody panics with the log")
                .push_str(&text);
        }
    })
}
