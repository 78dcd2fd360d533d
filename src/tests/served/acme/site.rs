//! Sites whose certificates come from a Pebble of their own.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;

use crate::pebble::{Knobs, Pebble};
use crate::server::{Launch, PATIENCE, Server, free_port, is_real_caddy};
use crate::tls::{Client, Shown};

const PAUSE: Duration = Duration::from_millis(20);

/// A CA, and a server that knows it once it is run.
pub(super) struct Site {
    pub(super) pebble: Pebble,
    pub(super) launch: Launch,
}

impl Site {
    /// With a CA that finds nothing wrong.
    pub(super) fn new() -> Self {
        Self::with(|knobs| knobs)
    }

    /// With another kind of CA.
    pub(super) fn with(change: impl FnOnce(Knobs) -> Knobs) -> Self {
        let launch = Launch::new(free_port(), free_port());
        let knobs = change(Knobs::asking(launch.http, launch.https));
        Self {
            pebble: Pebble::start(knobs),
            launch,
        }
    }

    /// A Caddyfile in which every site has its certificate from the CA.
    pub(super) fn config(&self, options: &str, sites: &str) -> String {
        let Launch { http, https, .. } = self.launch;
        let ca = self.pebble.options();
        format!(
            "{{\n\tadmin off\n\thttp_port {http}\n\thttps_port {https}\n{ca}{options}}}\n{sites}"
        )
    }

    /// Serves sites.
    pub(super) fn run(&self, sites: &str) -> Server {
        self.launch.run(&self.config("", sites))
    }

    /// Serves sites of several names of which the CA knows none.
    pub(super) fn run_several(&self, sites: &str) -> Server {
        self.launch.run(&self.config(several_names(), sites))
    }

    /// Asks a host over TLS, and verifies its certificate with the CA's root.
    pub(super) fn get(&self, name: &str) -> Result<Shown, String> {
        Client::new(&self.pebble.root(), &[]).get(self.launch.https, name, "/")
    }

    /// Waits until a host has a certificate of the CA and answers.
    pub(super) fn wait_until_served(&self, server: &Server, name: &str) -> CertificateDer<'static> {
        self.wait_longer(server, name, PATIENCE)
    }

    /// The same, with a patience of one's own.
    pub(super) fn wait_longer(
        &self,
        server: &Server,
        name: &str,
        patience: Duration,
    ) -> CertificateDer<'static> {
        let start = Instant::now();
        loop {
            match self.get(name) {
                Ok(shown) => {
                    assert_eq!((shown.status, shown.body.as_str()), (200, "hello"));
                    return shown.certificate;
                }
                Err(error) => assert!(
                    start.elapsed() < patience,
                    "{name}: {error}\n{}",
                    server.log()
                ),
            }
            thread::sleep(PAUSE);
        }
    }

    /// The certificate that is kept for a name.
    pub(super) fn kept(&self, name: &str) -> CertificateDer<'static> {
        let folder = self.certificates().join(name);
        CertificateDer::from_pem_file(folder.join(format!("{name}.crt")))
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
    }

    /// Where the CA's certificates are kept.
    pub(super) fn certificates(&self) -> PathBuf {
        let folder = self.launch.data().join("certificates");
        folder.join(self.pebble.key())
    }

    /// Where the accounts with the CA are kept.
    pub(super) fn accounts(&self) -> PathBuf {
        let folder = self.launch.data().join("acme").join(self.pebble.key());
        folder.join("users")
    }
}

/// Options for a first start with several names: Caddy may register the contact `default` then, which CAs refuse.
pub(super) fn several_names() -> &'static str {
    if is_real_caddy() {
        "\temail me@example.com\n"
    } else {
        ""
    }
}

/// One site for each name.
pub(super) fn sites(names: &[&str]) -> String {
    let site = |name: &&str| format!("{name} {{\n\trespond hello\n}}\n");
    names.iter().map(site).collect()
}

/// The files in a folder and below it, with their modes.
pub(super) fn files(folder: &Path) -> Vec<(PathBuf, u32)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder is there").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let mode = entry.metadata().expect("it is there").permissions().mode();
            found.push((path, mode & 0o777));
        }
    }
    found.sort();
    found
}

/// Waits for a line of the log that is about a name and has all these texts, and returns it.
pub(super) fn wait_for_line(server: &Server, name: &str, texts: &[&str]) -> String {
    let start = Instant::now();
    loop {
        let log = server.log();
        let found = log.lines().find(|line| {
            line.contains(name) && texts.iter().all(|text| line.contains(text)) && is_trouble(line)
        });
        if let Some(line) = found {
            return line.to_owned();
        }
        assert!(
            start.elapsed() < PATIENCE,
            "no line about {name} with {texts:?}:\n{log}"
        );
        thread::sleep(PAUSE);
    }
}

fn is_trouble(line: &str) -> bool {
    let line: Value = serde_json::from_str(line).unwrap_or_default();
    matches!(line["level"].as_str(), Some("warn" | "error"))
}
