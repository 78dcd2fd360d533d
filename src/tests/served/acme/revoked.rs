//! Certificates of a CA with an OCSP responder: their answers are shown, and what is revoked is renewed.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends with the trouble that it met, and says how much it did"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use rustls::pki_types::CertificateDer;
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::acme::site::{Site, sites};
use crate::pebble::Pebble;
use crate::responder::{Responder, Says, wait_for_status, write_index};
use crate::server::{PATIENCE, free_port};

const GOOD: &str = "Cert Status: good";

#[test]
fn a_certificate_that_is_revoked_is_renewed_with_another_key() {
    const HOST: &str = "a.example.com";
    let port = free_port();
    let site = Site::with(|mut knobs| {
        knobs.responder = port;
        knobs.validity = Duration::from_hours(24 * 90);
        knobs
    });
    let folder = tempfile::tempdir().unwrap();
    let (certificate, key) = authority(&site.pebble, folder.path());
    let config = site.config(
        "\tocsp_interval 1s\n\trenew_interval 1s\n",
        &sites(&[HOST]).replace(
            "{\n\trespond",
            "{\n\ttls {\n\t\treuse_private_keys\n\t}\n\trespond",
        ),
    );
    let server = site.launch.run(&config);
    let first = site.wait_until_served(&server, HOST);
    // A responder reads its index when it begins.
    let respond = |says| {
        write_index(folder.path(), &[(serial(&first), says)]);
        Responder::start(port, folder.path(), (&certificate, &key))
    };
    drop(server);
    let responder = respond(Says::Good);
    // Caddy asks when it starts, and not again soon.
    let server = site.launch.run(&config);
    wait_for_status(site.launch.https, HOST, GOOD, &|| server.log());
    let key_file = site.certificates().join(HOST).join(format!("{HOST}.key"));
    let first_key = fs::read_to_string(&key_file).unwrap();
    drop(server);
    drop(responder);
    let _responder = respond(Says::Compromised);
    fs::remove_dir_all(site.launch.data().join("ocsp")).unwrap();
    let server = site.launch.run(&config);
    let begun = Instant::now();
    while site.wait_until_served(&server, HOST) == first {
        assert!(begun.elapsed() < PATIENCE * 2, "{}", server.log());
        thread::sleep(Duration::from_millis(50));
    }
    assert_ne!(fs::read_to_string(&key_file).unwrap(), first_key);
    assert_eq!(site.pebble.issued(), 2);
}

/// The authority that signs for Pebble, with its key, in files.
fn authority(pebble: &Pebble, folder: &Path) -> (PathBuf, PathBuf) {
    let file = |name: &str, path: &str| {
        let file = folder.join(name);
        fs::write(&file, pebble.managed(path)).unwrap();
        file
    };
    (
        file("ca.pem", "/intermediates/0"),
        file("ca.key", "/intermediate-keys/0"),
    )
}

/// The number of a certificate, as an index has it.
fn serial(certificate: &CertificateDer<'_>) -> String {
    let (_, read) = X509Certificate::from_der(certificate).unwrap();
    let digits = read.serial.to_str_radix(16).to_uppercase();
    match digits.len() % 2 {
        0 => digits,
        _ => format!("0{digits}"),
    }
}
