//! The server that the requests are sent to.

use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::case::Case;
use super::client;
use super::upstream::Upstreams;
use super::verdict::Outcome;
use crate::side_by_side::{Ports, with_options};

/// What kind of server it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Takes a Caddyfile: caddis, and the real Caddy.
    Caddy,
    /// Takes a config of nginx.
    Nginx,
    /// Takes a config of HAProxy.
    Haproxy,
}

/// A server that runs, and its upstreams.
pub struct Subject {
    child: Child,
    folder: TempDir,
    upstreams: Upstreams,
    port: u16,
    patience: Duration,
}

/// How long a server may take to start.
const STARTING: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(10);
/// The port that stands for the site's.
const SITE: u16 = 8080;

impl Kind {
    fn extension(self) -> &'static str {
        match self {
            Self::Caddy => "caddyfile",
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
        }
    }

    fn command(self, program: &Path, config: &Path) -> Command {
        let mut command = Command::new(program);
        match self {
            Self::Caddy => command
                .args(["run", "--adapter", "caddyfile", "--config"])
                .arg(config),
            Self::Nginx => command.args(["-e", "stderr", "-p", ".", "-c"]).arg(config),
            Self::Haproxy => command.args(["-db", "-f"]).arg(config),
        };
        command
    }
}

impl Subject {
    /// Starts a program with a config in the folder of the cases; `None` if there is no config for its kind.
    pub fn start(
        kind: Kind,
        program: &Path,
        cases: &Path,
        config: &str,
        patience: Duration,
    ) -> Result<Option<Self>, String> {
        let file = cases.join(format!("{config}.{}", kind.extension()));
        let Ok(text) = fs::read_to_string(&file) else {
            return Ok(None);
        };
        let text = match kind {
            Kind::Caddy => with_options(&text),
            Kind::Nginx | Kind::Haproxy => text,
        };
        let told = |error: io::Error| format!("{}: {error}", program.display());
        let (ports, listeners) = Ports::choose(&[&text]).map_err(told)?;
        let upstreams = Upstreams::default();
        upstreams.serve(listeners);
        let folder = tempfile::tempdir().map_err(told)?;
        files(cases, folder.path()).map_err(told)?;
        let text = ports.fill(&text);
        let child = spawn(kind, program, &text, folder.path()).map_err(told)?;
        let mut subject = Self {
            child,
            folder,
            upstreams,
            port: ports.free(SITE),
            patience,
        };
        subject.wait_until_it_listens()?;
        Ok(Some(subject))
    }

    /// Sends a case and says what came of it.
    pub fn see(&self, case: &Case) -> Result<Outcome, String> {
        self.upstreams.begin(&case.answer);
        let heard = client::ask(self.port, case, self.patience);
        let heard = heard.map_err(|error| format!("{}: {error}", case.title))?;
        Ok(Outcome {
            heard,
            asked: self.upstreams.asked(),
        })
    }

    /// What it wrote.
    pub fn output(&self) -> String {
        fs::read_to_string(self.folder.path().join("output")).unwrap_or_default()
    }

    fn wait_until_it_listens(&mut self) -> Result<(), String> {
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("ended with {status}\n{}", self.output()));
            }
            if began.elapsed() > STARTING {
                return Err(format!("does not listen\n{}", self.output()));
            }
            std::thread::sleep(STEP);
        }
        Ok(())
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Starts a program in a folder, with nothing of our environment.
fn spawn(kind: Kind, program: &Path, config: &str, folder: &Path) -> io::Result<Child> {
    let file = folder.join("config");
    fs::write(&file, config)?;
    let output = File::create(folder.join("output"))?;
    kind.command(program, &file)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", folder)
        .env("XDG_DATA_HOME", folder.join("data"))
        .env("XDG_CONFIG_HOME", folder.join("config-home"))
        .env("SECRET", "hunter2")
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .spawn()
}

/// Files to be served, and one beside them that must not be.
fn files(cases: &Path, folder: &Path) -> io::Result<()> {
    let from: PathBuf = cases.join("files");
    let to = folder.join("public");
    fs::create_dir(&to)?;
    fs::create_dir(to.join("folder"))?;
    fs::create_dir(folder.join("temporary"))?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    fs::write(to.join(".hidden"), "hidden\n")?;
    fs::write(to.join("folder/index.html"), "folder\n")?;
    fs::write(folder.join("secret.txt"), "secret\n")
}
