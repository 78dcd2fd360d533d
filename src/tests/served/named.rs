//! BIND, a DNS server, with a zone that takes updates from who has the key `test`.

use std::fs;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::server::{PATIENCE, free_port, keep};

/// The secret of the key.
pub(crate) const KEY: &str = "bm9ib2R5IGtub3dzIHRoaXMga2V5IGJ1dCB0aGUgdGVzdHM=";
const PAUSE: Duration = Duration::from_millis(10);

/// A DNS server; it is ended with the test.
pub(crate) struct Named {
    pub(crate) port: u16,
    process: Child,
    log: Arc<Mutex<String>>,
    _folder: TempDir,
}

impl Named {
    /// Serves one zone.
    pub(crate) fn start(zone: &str) -> Self {
        let folder = tempfile::tempdir().expect("there is room for a folder");
        let (path, port) = (folder.path(), free_port());
        let at = path.display();
        let config = format!(
            "key test {{ algorithm hmac-sha256; secret \"{KEY}\"; }};\n\
             controls {{ }};\n\
             options {{\n  directory \"{at}\";\n  listen-on port {port} {{ 127.0.0.1; }};\n  listen-on-v6 {{ none; }};\n  \
             pid-file none;\n  session-keyfile \"{at}/session.key\";\n  recursion no;\n  dnssec-validation no;\n}};\n\
             zone \"{zone}\" {{ type primary; file \"zone\"; allow-update {{ key test; }}; }};\n"
        );
        let records = format!(
            "$TTL 60\n@ SOA ns.{zone}. me.{zone}. 1 60 60 60 60\n@ NS ns.{zone}.\nns A 127.0.0.1\n@ A 127.0.0.1\n* A 127.0.0.1\n"
        );
        fs::write(path.join("named.conf"), config).expect("the folder is ours");
        fs::write(path.join("zone"), records).expect("the folder is ours");
        let mut process = Command::new("named")
            .args(["-g", "-4", "-n", "1", "-c"])
            .arg(path.join("named.conf"))
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("bind9 is installed: .ci/setup");
        let log = Arc::default();
        drop(keep(process.stderr.take().expect("it is piped"), &log));
        let named = Self {
            port,
            process,
            log,
            _folder: folder,
        };
        named.wait_for("running");
        named
    }

    /// What it wrote so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().expect("nobody panics with the log").clone()
    }

    fn wait_for(&self, text: &str) {
        let start = Instant::now();
        while !self.log().contains(text) {
            assert!(start.elapsed() < PATIENCE, "no `{text}`:\n{}", self.log());
            thread::sleep(PAUSE);
        }
    }
}

impl Drop for Named {
    #[expect(
        clippy::print_stdout,
        reason = "a failed test shows what the server said"
    )]
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if thread::panicking() {
            println!("the DNS server's log:\n{}", self.log());
        }
    }
}
