//! Certificate files that are replaced while they are served.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends with the trouble that it met"
)]

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{CertificateParams, KeyPair};
use rustix::process::Signal;

use super::disk::collect;
use crate::admin::Managed;
use crate::curl::try_curl;
use crate::server::{Launch, Server, free_port};

const NAME: &str = "files.example.com";
const RUBBISH: [&str; 4] = [
    "",
    "rubbish\n",
    "-----BEGIN CERTIFICATE-----\nMIIB",
    "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
];

/// Writes a certificate that vouches for itself, and its key; where clients find what they trust.
fn write_certificate(folder: &Path, trusted: &str) -> PathBuf {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new([NAME.to_owned()])
        .unwrap()
        .self_signed(&key)
        .unwrap();
    for (name, text) in [
        ("cert.pem", certificate.pem()),
        ("key.pem", key.serialize_pem()),
        (trusted, certificate.pem()),
    ] {
        fs::write(folder.join(name), text).unwrap();
    }
    folder.join(trusted)
}

#[test]
fn rubbish_in_the_files_of_a_certificate_is_never_served_and_never_ends_what_is() {
    let managed = Managed::start();
    let server = &managed.server;
    let trusted = write_certificate(server.folder(), "first.pem");
    let site = |word: &str| {
        format!(
            "{}https://{NAME} {{\n\ttls cert.pem key.pem\n\trespond {word}\n}}\n",
            managed.config("hello")
        )
    };
    let get = |trusted: &Path| try_curl((server.https, trusted), NAME, "/", &[]);
    let body = |trusted: &Path| get(trusted).map(|answer| answer.body);
    assert_eq!(managed.load("text/caddyfile", &site("one")).status, 200);
    assert_eq!(body(&trusted).as_deref(), Ok("one"));
    for file in ["cert.pem", "key.pem"] {
        let good = fs::read_to_string(server.folder().join(file)).unwrap();
        for rubbish in RUBBISH {
            fs::write(server.folder().join(file), rubbish).unwrap();
            assert_eq!(body(&trusted).as_deref(), Ok("one"), "{file}: {rubbish}");
            let refused = managed.load("text/caddyfile", &site("two"));
            assert_ne!(refused.status, 200, "{file}: {rubbish}");
            assert!(refused.body.contains("`cert.pem`"), "{}", refused.body);
            assert_eq!(body(&trusted).as_deref(), Ok("one"), "{file}: {rubbish}");
        }
        fs::remove_file(server.folder().join(file)).unwrap();
        assert_ne!(managed.load("text/caddyfile", &site("two")).status, 200);
        assert_eq!(body(&trusted).as_deref(), Ok("one"), "{file} is gone");
        fs::write(server.folder().join(file), good).unwrap();
    }
    let second = write_certificate(server.folder(), "second.pem");
    assert_eq!(body(&trusted).as_deref(), Ok("one"));
    assert_eq!(managed.load("text/caddyfile", &site("two")).status, 200);
    assert_eq!(body(&second).as_deref(), Ok("two"));
    assert!(
        get(&trusted).is_err(),
        "the old certificate is served still"
    );
}

#[test]
fn rubbish_in_the_storage_is_passed_over_by_the_next_start() {
    let launch = Launch::new(free_port(), free_port());
    let config = format!(
        "{{\n\tadmin off\n\thttp_port {}\n\thttps_port {}\n\tlocal_certs\n\tskip_install_trust\n}}\nhttps://{NAME} {{\n\trespond hello\n}}\n",
        launch.http, launch.https
    );
    let get = |server: &Server| try_curl((server.https, &server.root()), NAME, "/", &[]);
    for rubbish in RUBBISH {
        let mut server = launch.run(&config);
        server.wait();
        assert_eq!(get(&server).unwrap().body, "hello");
        let mut kept = Vec::new();
        collect(&launch.data().join("certificates"), &mut kept);
        assert!(!kept.is_empty());
        for file in kept {
            fs::write(file, rubbish).unwrap();
        }
        assert_eq!(get(&server).unwrap().body, "hello", "`{rubbish}`");
        server.signal(Signal::TERM);
        assert_eq!(server.exit().code(), Some(0));
    }
    let mut server = launch.run(&config);
    server.wait();
    assert_eq!(get(&server).unwrap().body, "hello");
}
