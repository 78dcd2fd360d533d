//! `insecure_secrets_log`: the secrets of TLS connections in a file, for those who look into them with other tools.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt;
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
    /// Opens the file, which only its owner can read.
    pub(super) fn open(file: &str) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let log = options.create(true).append(true).mode(0o600).open(file)?;
        warn!(
            target: "tls", log_filename = file,
            "the secrets of TLS connections are written to a file: whoever can read it can read all that is said"
        );
        let (sender, receiver) = sync_channel(WAITING);
        thread::Builder::new()
            .name("secrets-log".into())
            .spawn(move || write(log, &receiver))?;
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

fn write(mut log: File, lines: &Receiver<String>) {
    for line in lines {
        if let Err(error) = log.write_all(line.as_bytes()) {
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
