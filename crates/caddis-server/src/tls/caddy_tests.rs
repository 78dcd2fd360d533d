//! Our data directory and the real Caddy's are one and the same.
//!
//! The real program is the one that `CADDY` names, or that `.ci/get-caddy` put into `target/caddy`.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use caddis_ir::{AcmeIssuer, Config, InternalIssuer, Issuer};
use time::macros::datetime;

use super::keeper::Clock;
use super::{Certificates, Keeper, Storage, Subject};

/// No test waits longer for anything.
const PATIENCE: Duration = Duration::from_secs(20);

const FILES: [&str; 6] = [
    "pki/authorities/local/root.crt",
    "pki/authorities/local/root.key",
    "pki/authorities/local/intermediate.crt",
    "pki/authorities/local/intermediate.key",
    "certificates/local/a.localhost/a.localhost.crt",
    "certificates/local/a.localhost/a.localhost.key",
];

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test is told by its environment where the real Caddy is"
)]
fn real_caddy() -> PathBuf {
    let fetched = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../target/caddy/usr/bin/caddy"
    );
    let caddy = std::env::var_os("CADDY").map_or_else(|| fetched.into(), PathBuf::from);
    assert!(
        caddy.exists(),
        "the real Caddy is missing: run `.ci/get-caddy target/caddy`"
    );
    caddy
}

/// Runs the real Caddy on a data directory until it has its certificates.
fn run_caddy(caddy: &Path, home: &Path) -> Running {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let config = home.join("Caddyfile");
    let text = format!(
        "{{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n}}\n\
         https://a.localhost:{port} {{\n\tbind 127.0.0.1\n\ttls internal\n\trespond ok\n}}\n"
    );
    std::fs::write(&config, text).unwrap();
    let child = Command::new(caddy)
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(&config)
        .env("XDG_DATA_HOME", home)
        .env("XDG_CONFIG_HOME", home)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let running = Running(child);
    let begin = Instant::now();
    // Written after everything else.
    let last = home.join("caddy/certificates/local/a.localhost/a.localhost.json");
    let started = home.join("caddy/last_clean.json");
    while !(last.exists() && started.exists()) {
        assert!(begin.elapsed() < PATIENCE, "Caddy has no certificates");
        std::thread::sleep(Duration::from_millis(20));
    }
    running
}

fn obtain(data: &Path) {
    let config = Config::default();
    let subject = Subject {
        name: "a.localhost".into(),
        issuers: vec![Issuer::Internal(InternalIssuer::default())],
        ..Subject::default()
    };
    let storage = Storage::of(&config, data);
    let keeper = Keeper::new();
    let prepared = keeper.prepare(&config, storage, (vec![subject], None), Arc::default());
    prepared.unwrap();
}

fn files(data: &Path) -> Vec<String> {
    let read = |file| std::fs::read_to_string(data.join(file)).unwrap();
    FILES.iter().map(read).collect()
}

#[test]
fn we_go_on_with_what_caddy_has_made() {
    let caddy = real_caddy();
    let home = tempfile::tempdir().unwrap();
    drop(run_caddy(&caddy, home.path()));
    let data = home.path().join("caddy");
    let made = files(&data);
    obtain(&data);
    assert!(files(&data) == made, "files were changed");
}

#[test]
fn caddy_goes_on_with_what_we_have_made() {
    let caddy = real_caddy();
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("caddy");
    obtain(&data);
    let made = files(&data);
    drop(run_caddy(&caddy, home.path()));
    assert!(files(&data) == made, "files were changed");
}

/// A data directory that Caddy 2.11.4 wrote when it got a certificate from Pebble.
fn recorded() -> tempfile::TempDir {
    let from = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../testdata/acme/caddy-2.11.4"
    );
    let data = tempfile::tempdir().unwrap();
    copy(Path::new(from), data.path());
    data
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_certificate_that_caddy_has_got_from_an_acme_server_is_served_without_an_order() {
    let data = recorded();
    let config = Config::default();
    let issuer = AcmeIssuer {
        ca: "https://127.0.0.1:14100/dir".into(),
        ..AcmeIssuer::default()
    };
    let subject = Subject {
        name: "a.example.test".into(),
        issuers: vec![Issuer::Acme(issuer)],
        ..Subject::default()
    };
    // The day of the recording.
    let keeper = Keeper::with_clock(Clock::Virtual {
        begun: tokio::time::Instant::now(),
        at: datetime!(2026-11-27 00:00 UTC),
    });
    let served: Arc<ArcSwap<Certificates>> = Arc::default();
    let storage = Storage::of(&config, data.path());
    let prepared = keeper.prepare(&config, storage, (vec![subject], None), Arc::clone(&served));
    keeper.adopt(prepared.unwrap());
    // For a year nothing is done: an order would fail, for nobody listens there, and would want its key.
    tokio::time::sleep(Duration::from_hours(24 * 365)).await;
    assert!(served.load().covers("a.example.test"));
    let certificates = data.path().join("certificates/127.0.0.1-14100-dir");
    let files = std::fs::read_dir(certificates.join("a.example.test")).unwrap();
    assert_eq!(files.count(), 3);
    assert!(
        !data
            .path()
            .join("acme/127.0.0.1-14100-dir/users/default")
            .exists()
    );
}
