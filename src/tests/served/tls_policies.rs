//! Connection policies from outside: who shows which certificate to whom, over reloads too.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends with the trouble that it met, and says how much it did"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
};
use rustix::process::Signal;

use crate::curl::try_curl;
use crate::server::{Launch, PATIENCE, Server, free_port};

const PAUSE: Duration = Duration::from_millis(20);

/// An authority for clients, in a folder of its own.
pub(crate) struct Clients {
    folder: tempfile::TempDir,
    issuer: Issuer<'static, KeyPair>,
}

impl Clients {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params
            .distinguished_name
            .push(DnType::CommonName, "clients");
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), root.pem()).unwrap();
        Self {
            folder,
            issuer: Issuer::new(params, key),
        }
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// A file with a certificate and its key.
    fn client(&self, name: &str) -> PathBuf {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let file = self.folder.path().join(format!("{name}.pem"));
        fs::write(&file, certificate.pem() + &key.serialize_pem()).unwrap();
        file
    }
}

fn sites(roots: &Path) -> String {
    let roots = roots.display();
    format!(
        "a.localhost {{\n\ttls {{\n\t\tclient_auth {{\n\t\t\ttrust_pool file {roots}\n\t\t}}\n\t}}\n\
         \trespond \"a {{tls_client_subject}}\"\n}}\nb.localhost {{\n\trespond \"b {{tls_client_subject}}\"\n}}\n"
    )
}

fn ask(server: &Server, host: &str, arguments: &[&str]) -> Result<String, String> {
    let answer = try_curl((server.https, &server.root()), host, "/", arguments)?;
    Ok(format!(
        "{} {} {}",
        answer.version, answer.status, answer.body
    ))
}

#[test]
fn a_site_that_asks_for_certificates_answers_only_who_shows_one_of_its_authority() {
    let (clients, strangers) = (Clients::new(), Clients::new());
    let server = Server::start(&sites(&clients.root()));
    let (ours, theirs) = (clients.client("me"), strangers.client("other"));
    let shown = ["--cert", ours.to_str().unwrap()];
    let answer = ask(&server, "a.localhost", &shown);
    assert_eq!(answer.unwrap(), "HTTP/2 200 a CN=me");
    assert!(ask(&server, "a.localhost", &[]).is_err());
    assert!(
        ask(
            &server,
            "a.localhost",
            &["--cert", theirs.to_str().unwrap()]
        )
        .is_err()
    );
    // The other site asks for nothing, and knows nothing.
    let answer = ask(&server, "b.localhost", &shown);
    assert_eq!(answer.unwrap(), "HTTP/2 200 b ");
}

#[test]
fn who_shook_hands_for_one_site_is_sent_away_from_another_one() {
    let clients = Clients::new();
    let server = Server::start(&sites(&clients.root()));
    for version in ["--http1.1", "--http2"] {
        let asked = [version, "--header", "Host: a.localhost"];
        let answer = ask(&server, "b.localhost", &asked).unwrap();
        assert!(answer.ends_with(" 421 "), "{answer}");
        let asked = [version, "--header", "Host: B.LOCALHOST:99"];
        let answer = ask(&server, "b.localhost", &asked).unwrap();
        assert!(answer.contains(" 200 "), "{answer}");
    }
}

#[test]
fn a_reload_decides_anew_who_has_to_show_a_certificate() {
    let clients = Clients::new();
    let launch = Launch::new(free_port(), free_port());
    let options = format!(
        "{{\n\tadmin off\n\thttp_port {}\n\thttps_port {}\n\tlocal_certs\n\tskip_install_trust\n}}\n",
        launch.http, launch.https
    );
    let open = format!("{options}a.localhost, b.localhost {{\n\trespond open\n}}\n");
    let server = launch.run(&open);
    let begun = Instant::now();
    let until = |told: &str, holds: &dyn Fn() -> bool| {
        while !holds() {
            assert!(begun.elapsed() < PATIENCE, "{told}\n{}", server.log());
            thread::sleep(PAUSE);
        }
    };
    let answer = |arguments: &[&str]| ask(&server, "a.localhost", arguments);
    until("it never answers", &|| answer(&[]).is_ok());
    let file = server.folder().join("Caddyfile");
    fs::write(&file, options + &sites(&clients.root())).unwrap();
    server.signal(Signal::USR1);
    until("it never asks for certificates", &|| answer(&[]).is_err());
    let shown = clients.client("me");
    let shown = answer(&["--cert", shown.to_str().unwrap()]).unwrap();
    assert_eq!(shown, "HTTP/2 200 a CN=me");
    fs::write(&file, open).unwrap();
    server.signal(Signal::USR1);
    until("it never stops asking", &|| answer(&[]).is_ok());
}

#[test]
fn the_secrets_of_connections_are_written_where_the_config_says_so() {
    let server = Server::start(
        "a.localhost {\n\ttls {\n\t\tinsecure_secrets_log secrets.txt\n\t}\n\trespond a\n}\n",
    );
    assert!(ask(&server, "a.localhost", &[]).is_ok());
    let file = server.folder().join("secrets.txt");
    let begun = Instant::now();
    let written = || fs::read_to_string(&file).unwrap_or_default();
    while !written().contains("SERVER_TRAFFIC_SECRET_0 ") {
        assert!(begun.elapsed() < PATIENCE, "{}", written());
        thread::sleep(PAUSE);
    }
    let text = written();
    let line = text.lines().next().unwrap();
    let parts: Vec<_> = line.split(' ').collect();
    let [_, random, secret] = parts.as_slice() else {
        panic!("{line}");
    };
    assert_eq!((random.len(), secret.len() % 32), (64, 0), "{line}");
}
