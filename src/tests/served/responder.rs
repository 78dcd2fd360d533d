//! An OCSP responder, which is `openssl ocsp`, and what a client is shown of its answers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use crate::server::{PATIENCE, keep};

const PAUSE: Duration = Duration::from_millis(20);

/// A responder for the certificates of one authority; it is ended with the test.
pub(crate) struct Responder {
    process: Child,
    log: Arc<Mutex<String>>,
}

/// What it says of a certificate.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Says {
    Good,
    Compromised,
}

impl Responder {
    /// Answers at a port, with the authority's own key, as an index says.
    pub(crate) fn start(port: u16, folder: &Path, (certificate, key): (&Path, &Path)) -> Self {
        let mut process = Command::new("openssl")
            .args(["ocsp", "-index", "index.txt", "-ndays", "4"])
            .args(["-port", &port.to_string(), "-rsigner"])
            .arg(certificate)
            .arg("-rkey")
            .arg(key)
            .arg("-CA")
            .arg(certificate)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("openssl is installed: .ci/setup");
        let log = Arc::default();
        drop(keep(process.stderr.take().expect("it is piped"), &log));
        let responder = Self { process, log };
        let start = Instant::now();
        while !responder.log().contains("waiting for OCSP client") {
            assert!(start.elapsed() < PATIENCE, "{}", responder.log());
            thread::sleep(PAUSE);
        }
        responder
    }

    fn log(&self) -> String {
        self.log.lock().expect("nobody panics with the log").clone()
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Writes what the responder says of certificates, by their numbers in hexadecimal.
pub(crate) fn write_index(folder: &Path, certificates: &[(String, Says)]) -> PathBuf {
    let lines = certificates.iter().map(|(serial, says)| match says {
        Says::Good => format!("V\t400101000000Z\t\t{serial}\tunknown\t/CN=any\n"),
        Says::Compromised => {
            format!("R\t400101000000Z\t250101000000Z,keyCompromise\t{serial}\tunknown\t/CN=any\n")
        }
    });
    let file = folder.join("index.txt");
    fs::write(&file, lines.collect::<String>()).expect("the folder is ours");
    file
}

/// What openssl says of a handshake in which it asks for an OCSP answer.
pub(crate) fn status(port: u16, name: &str) -> String {
    let shown = Command::new("openssl")
        .args(["s_client", "-status", "-servername", name, "-connect"])
        .arg(format!("127.0.0.1:{port}"))
        .stdin(Stdio::null())
        .output()
        .expect("openssl is installed: .ci/setup");
    String::from_utf8_lossy(&shown.stdout).into_owned()
}

/// Waits until a handshake shows this.
pub(crate) fn wait_for_status(port: u16, name: &str, text: &str, log: &dyn Fn() -> String) {
    let start = Instant::now();
    loop {
        let shown = status(port, name);
        if shown.contains(text) {
            return;
        }
        assert!(
            start.elapsed() < PATIENCE * 2,
            "no `{text}`: {shown}\n{}",
            log()
        );
        thread::sleep(PAUSE);
    }
}
