//! Pebble, an ACME server for tests, with a DNS that sends every name to the loopback.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use tempfile::TempDir;

use crate::server::{PATIENCE, free_port, keep};
use crate::tls::Client;

const PAUSE: Duration = Duration::from_millis(10);

/// How a Pebble behaves.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Knobs {
    /// The port that it asks for HTTP-01.
    pub(crate) http: u16,
    /// The port that it asks for TLS-ALPN-01.
    pub(crate) https: u16,
    /// How many of a hundred good nonces it refuses.
    pub(crate) bad_nonces: u8,
    /// How long its certificates are good for.
    pub(crate) validity: Duration,
    /// Names for which it makes no certificates.
    pub(crate) blocked: &'static [&'static str],
    /// Accounts that it wants to know, by their ids, with their secrets; anybody may register if there are none.
    pub(crate) accounts: &'static [(&'static str, &'static str)],
    /// The port of the DNS server that it asks; one of its own if 0.
    pub(crate) dns: u16,
    /// The port of the OCSP responder that its certificates name; they name none if 0.
    pub(crate) responder: u16,
}

impl Knobs {
    /// A CA that finds nothing wrong and asks at these ports.
    pub(crate) fn asking(http: u16, https: u16) -> Self {
        Self {
            http,
            https,
            bad_nonces: 0,
            validity: Duration::from_hours(24),
            blocked: &[],
            accounts: &[],
            dns: 0,
            responder: 0,
        }
    }
}

/// A CA; it is ended with the test.
pub(crate) struct Pebble {
    knobs: Knobs,
    folder: TempDir,
    port: u16,
    management: u16,
    dns: u16,
    dns_management: u16,
    processes: Vec<Child>,
    log: Arc<Mutex<String>>,
}

impl Pebble {
    /// Runs with a root of its own.
    pub(crate) fn start(knobs: Knobs) -> Self {
        let mut pebble = Self::down(knobs);
        pebble.come_up();
        pebble
    }

    /// Has an address, and nobody listens there.
    pub(crate) fn down(knobs: Knobs) -> Self {
        let pebble = Self {
            knobs,
            folder: tempfile::tempdir().expect("there is room for a folder"),
            port: free_port(),
            management: free_port(),
            dns: match knobs.dns {
                0 => free_port(),
                given => given,
            },
            dns_management: free_port(),
            processes: Vec::new(),
            log: Arc::default(),
        };
        pebble.write_certificate();
        pebble.write_config();
        pebble
    }

    /// Starts what is down.
    pub(crate) fn come_up(&mut self) {
        let dns = self.dns;
        if self.knobs.dns == 0 {
            self.come_up_with_names();
        }
        let mut pebble = Command::new("pebble");
        pebble
            .args(["-config", "pebble.json"])
            .args(["-dnsserver", &format!("127.0.0.1:{dns}")])
            .env("PEBBLE_VA_NOSLEEP", "1")
            .env("PEBBLE_AUTHZREUSE", "0")
            .env("PEBBLE_WFE_NONCEREJECT", self.knobs.bad_nonces.to_string());
        self.spawn(pebble);
        self.fetch_root();
    }

    fn come_up_with_names(&mut self) {
        let mut names = Command::new("pebble-challtestsrv");
        names
            .args(["-defaultIPv4", "127.0.0.1", "-defaultIPv6", ""])
            .args(["-http01", "", "-https01", "", "-tlsalpn01", ""])
            .args(["-dns01", &format!("127.0.0.1:{}", self.dns)])
            .args(["-management", &format!("127.0.0.1:{}", self.dns_management)]);
        self.spawn(names);
        self.wait_for("Starting management server");
    }

    /// The port of the DNS server that it asks.
    pub(crate) fn dns(&self) -> u16 {
        self.dns
    }

    /// The port where the records of its own DNS server are changed over HTTP.
    pub(crate) fn dns_management(&self) -> u16 {
        self.dns_management
    }

    /// The global options that make it the CA of every site.
    pub(crate) fn options(&self) -> String {
        let root = self.folder.path().join("ca.pem");
        format!(
            "\tacme_ca https://127.0.0.1:{}/dir\n\tacme_ca_root {}\n",
            self.port,
            root.display()
        )
    }

    /// The lines in a site's `tls` that make it one of the issuers.
    pub(crate) fn issuer(&self) -> String {
        let (port, root) = (self.port, self.folder.path().join("ca.pem"));
        format!(
            "\t\tissuer acme https://127.0.0.1:{port}/dir {{\n\t\t\ttrusted_roots {}\n\t\t}}\n",
            root.display()
        )
    }

    /// The folder that servers name after it, below `acme` and `certificates`.
    pub(crate) fn key(&self) -> String {
        format!("127.0.0.1-{}-dir", self.port)
    }

    /// The root of the certificates that it makes; another one each time that it comes up.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("root.pem")
    }

    /// What it shows to its owner at a path.
    pub(crate) fn managed(&self, path: &str) -> String {
        let client = Client::new(&self.folder.path().join("ca.pem"), &[]);
        let shown = client.get(self.management, "localhost", path);
        shown.expect("it runs").body
    }

    /// How many orders were placed.
    pub(crate) fn orders(&self) -> usize {
        self.log().matches("Added order").count()
    }

    /// How many certificates were made.
    pub(crate) fn issued(&self) -> usize {
        self.log().matches("Issued certificate serial").count()
    }

    /// How many accounts there are.
    pub(crate) fn accounts(&self) -> usize {
        let log = self.log();
        let lines = log
            .lines()
            .filter(|line| line.contains("accounts in memory"));
        lines.count()
    }

    /// How many times it asked whether a name is the server's.
    pub(crate) fn validations(&self, name: &str) -> usize {
        let value = format!("Value:\"{name}\"");
        let log = self.log();
        log.lines()
            .filter(|line| line.contains("Pulled a task") && line.contains(&value))
            .count()
    }

    /// What it wrote so far.
    pub(crate) fn log(&self) -> String {
        self.log.lock().expect("nobody panics with the log").clone()
    }

    fn spawn(&mut self, mut command: Command) {
        let mut child = command
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("pebble is installed: .ci/setup");
        let (out, err) = (child.stdout.take(), child.stderr.take());
        drop(keep(out.expect("it is piped"), &self.log));
        drop(keep(err.expect("it is piped"), &self.log));
        self.processes.push(child);
    }

    fn wait_for(&self, text: &str) {
        let start = Instant::now();
        while !self.log().contains(text) {
            assert!(start.elapsed() < PATIENCE, "no `{text}`:\n{}", self.log());
            thread::sleep(PAUSE);
        }
    }

    fn fetch_root(&self) {
        self.wait_for("ACME directory available at");
        let client = Client::new(&self.folder.path().join("ca.pem"), &[]);
        let start = Instant::now();
        // It says that it listens before it does.
        let root = loop {
            match client.get(self.management, "localhost", "/roots/0") {
                Ok(root) => break root,
                Err(error) => assert!(start.elapsed() < PATIENCE, "{error}:\n{}", self.log()),
            }
            thread::sleep(PAUSE);
        };
        assert_eq!(root.status, 200);
        fs::write(self.root(), root.body).expect("the folder is ours");
        while client.get(self.port, "localhost", "/dir").is_err() {
            assert!(
                start.elapsed() < PATIENCE,
                "it never listens:\n{}",
                self.log()
            );
            thread::sleep(PAUSE);
        }
    }

    fn write_config(&self) {
        let Knobs {
            http,
            https,
            validity,
            blocked,
            accounts,
            responder,
            ..
        } = self.knobs;
        let responder = match responder {
            0 => String::new(),
            port => format!("http://127.0.0.1:{port}"),
        };
        let config = serde_json::json!({"pebble": {
            "listenAddress": format!("127.0.0.1:{}", self.port),
            "managementListenAddress": format!("127.0.0.1:{}", self.management),
            "certificate": "server.pem",
            "privateKey": "server.key",
            "httpPort": http,
            "tlsPort": https,
            "ocspResponderURL": responder,
            "certificateValidityPeriod": validity.as_secs(),
            "domainBlocklist": blocked,
            "externalAccountBindingRequired": !accounts.is_empty(),
            "externalAccountMACKeys": accounts.iter().copied().collect::<BTreeMap<_, _>>(),
        }});
        self.write("pebble.json", &config.to_string());
    }

    /// The certificate of its own address, from a CA of its own.
    fn write_certificate(&self) {
        let mut params = CertificateParams::default();
        let name = "the tests' CA of Pebble's address";
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().expect("keys can be made");
        let ca = params.self_signed(&key).expect("it signs itself");
        let issuer = Issuer::new(params, key);
        let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
        let params = CertificateParams::new(names).expect("they are names");
        let key = KeyPair::generate().expect("keys can be made");
        let server = params.signed_by(&key, &issuer).expect("the CA signs");
        self.write("ca.pem", &ca.pem());
        self.write("server.pem", &server.pem());
        self.write("server.key", &key.serialize_pem());
    }

    fn write(&self, name: &str, text: &str) {
        let path: &Path = self.folder.path();
        fs::write(path.join(name), text).expect("the folder is ours");
    }
}

impl Drop for Pebble {
    #[expect(clippy::print_stdout, reason = "a failed test shows what the CA said")]
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
        if thread::panicking() {
            println!("the CA's log:\n{}", self.log());
        }
    }
}
