//! `insecure_secrets_log`: the secrets of TLS connections in a file, for those who look into them with other tools.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use rustls::KeyLog;
use tracing::{error, warn};

/// How many secrets may wait to be written; what comes when there are more is lost.
const WAITING: usize = 4096;

/// Hands secrets to a thread that writes them, which ends with this.
#[derive(Debug)]
pub(super) struct SecretsLog(SyncSender<String>);

impl SecretsLog {
    /// Sees that there can be such a file. It is made with the first secret: a config may only be looked at.
    pub(super) fn open(file: &str) -> io::Result<Self> {
        check(Path::new(file))?;
        warn!(
            target: "tls", log_filename = file,
            "the secrets of TLS connections are written to a file: whoever can read it can read all that is said"
        );
        let (sender, receiver) = sync_channel(WAITING);
        thread::Builder::new().name("secrets-log".into()).spawn({
            let file = PathBuf::from(file);
            move || write(&file, &receiver)
        })?;
        Ok(Self(sender))
    }
}

impl KeyLog for SecretsLog {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let mut line = format!("{label} ");
        hex(client_random, &mut line);
        line.push(' ');
        hex(secret, &mut line);
        line.push('\n');
        // A disk that is slow must not hold up connections.
        self.0.try_send(line).ok();
    }
}

/// A file that is there must be one that can be written to, and one that is not must have its folder.
fn check(file: &Path) -> io::Result<()> {
    match OpenOptions::new().append(true).open(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let folder = file.parent().filter(|folder| *folder != Path::new(""));
            let folder = fs::metadata(folder.unwrap_or(Path::new(".")))?;
            if folder.is_dir() { Ok(()) } else { Err(error) }
        }
        opened => opened.map(drop),
    }
}

/// Writes lines to the file, which only its owner can read.
fn write(file: &Path, lines: &Receiver<String>) {
    let open = || {
        let mut options = OpenOptions::new();
        options.create(true).append(true).mode(0o600).open(file)
    };
    let mut log: Option<File> = None;
    for line in lines {
        let written = match &mut log {
            Some(log) => log.write_all(line.as_bytes()),
            None => open().and_then(|opened| log.insert(opened).write_all(line.as_bytes())),
        };
        if let Err(error) = written {
            error!(target: "tls", %error, "writing the secrets of TLS connections");
        }
    }
}

fn hex(bytes: &[u8], text: &mut String) {
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
}
