//! PHP beside a server, where a case has a `php-fpm.conf` among its files.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long it may take to start.
const LIMIT: Duration = Duration::from_secs(20);
const STEP: Duration = Duration::from_millis(10);
/// The config, and the socket that tells that it has started.
const CONFIG: &str = "php-fpm.conf";
const SOCKET: &str = "run/php.sock";

/// PHP that runs, until this is dropped.
pub(super) struct Php(Child);

impl Php {
    /// The config of a case that wants PHP.
    pub(super) fn config(files: Option<&Path>) -> Option<String> {
        fs::read_to_string(files?.join(CONFIG)).ok()
    }

    /// Starts it in a folder, where it listens at least on `run/php.sock`.
    pub(super) fn start(site: &Path, config: &str) -> io::Result<Self> {
        fs::create_dir_all(site.join("run"))?;
        fs::write(site.join(CONFIG), config)?;
        let child = Command::new(program()?)
            .args(["--nodaemonize", "--allow-to-run-as-root", "--prefix"])
            .arg(site)
            .arg("--fpm-config")
            .arg(site.join(CONFIG))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let mut php = Self(child);
        let began = Instant::now();
        while !site.join(SOCKET).exists() {
            if began.elapsed() > LIMIT || php.0.try_wait()?.is_some() {
                return Err(io::Error::other("php-fpm does not start"));
            }
            std::thread::sleep(STEP);
        }
        Ok(php)
    }
}

impl Drop for Php {
    fn drop(&mut self) {
        let id = self.0.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let _ = self.0.wait();
    }
}

/// Debian puts the version into the name.
fn program() -> io::Result<PathBuf> {
    let mut found: Vec<_> = fs::read_dir("/usr/sbin")?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().contains("/php-fpm"))
        .collect();
    found.sort();
    let missing = || io::Error::other("there is no php-fpm: install the Debian package `php-fpm`");
    found.pop().ok_or_else(missing)
}
