//! What attackers send over HTTP/2, in TLS and to the admin endpoint: each is answered as it is written down, upstreams
//! see nothing of it, and the server goes on with the memory that it had.

use std::process::Command;

use crate::admin::Managed;
use crate::python::Script;
use crate::server::{Server, free_port, is_real_caddy};
use crate::tls_policies::Clients;

#[test]
fn raw_frames_of_http_2_are_answered_as_written_down() {
    if is_real_caddy() {
        println!("not run: the real Caddy has other words for some of them");
        return;
    }
    let upstream = free_port();
    let server = Server::start(&format!(
        "https://a.test {{\n\trespond /early 200\n\treverse_proxy 127.0.0.1:{upstream}\n}}\n"
    ));
    let told = script("http2_attacks", &[server.https, upstream], Some(&server));
    check(&told, include_str!("clients/http2_attacks.txt"));
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn odd_handshakes_are_answered_as_written_down() {
    if is_real_caddy() {
        println!("not run: the real Caddy sends other alerts for some of them");
        return;
    }
    let clients = Clients::new();
    let root = clients.root();
    let server = Server::start(&format!(
        "https://a.test {{\n\trespond a\n}}\nhttps://b.test {{\n\ttls {{\n\t\tclient_auth {{\n\t\t\ttrust_pool file {}\n\t\t}}\n\t}}\n\trespond b\n}}\n",
        root.display()
    ));
    let told = script("tls_attacks", &[server.https], Some(&server));
    check(&told, include_str!("clients/tls_attacks.txt"));
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn a_scanner_finds_nothing_weak() {
    let server = Server::start("https://a.test {\n\trespond a\n}\n");
    let address = format!("127.0.0.1:{}", server.https);
    let output = Command::new("sslscan")
        .args(["--no-colour", "--sni-name=a.test", &address])
        .output()
        .expect("sslscan is there: run .ci/setup");
    let found = String::from_utf8_lossy(&output.stdout);
    for line in [
        "SSLv2     disabled",
        "SSLv3     disabled",
        "TLSv1.0   disabled",
        "TLSv1.1   disabled",
        "TLSv1.2   enabled",
        "TLSv1.3   enabled",
        "Session renegotiation not supported",
        "TLSv1.3 not vulnerable to heartbleed",
        "TLSv1.2 not vulnerable to heartbleed",
    ] {
        assert!(found.contains(line), "{line} is not in {found}");
    }
    assert!(!found.contains("Compression enabled"), "{found}");
    let ciphers: Vec<_> = found
        .lines()
        .filter(|line| line.starts_with("Accepted") || line.starts_with("Preferred"))
        .filter_map(|line| line.split_whitespace().nth(4))
        .collect();
    let is_strong = |cipher: &&&str| {
        let is_ephemeral = cipher.starts_with("TLS_") || cipher.starts_with("ECDHE-ECDSA-");
        is_ephemeral && (cipher.contains("GCM") || cipher.contains("CHACHA20"))
    };
    assert!(ciphers.len() >= 6, "{found}");
    assert_eq!(
        ciphers.iter().filter(is_strong).count(),
        ciphers.len(),
        "{ciphers:?}"
    );
}

#[test]
fn no_call_of_the_admin_endpoint_that_is_refused_changes_anything() {
    let managed = Managed::start();
    let told = script("admin_fuzz", &[managed.admin], None);
    assert!(told.starts_with("accepted "), "{told}");
    assert_eq!(managed.word(), "hello");
    let log = managed.server.log();
    assert!(!log.contains("panicked"), "{log}");
}

/// What a script tells of a server on these ports.
fn script(name: &str, ports: &[u16], process: Option<&Server>) -> String {
    let mut arguments: Vec<_> = ports.iter().map(u16::to_string).collect();
    arguments.extend(process.map(|server| server.id().to_string()));
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    Script::start(name, &arguments).rest()
}

/// Line by line, so that it can be seen which of them is another one.
fn check(told: &str, expected: &str) {
    let (told, expected): (Vec<_>, Vec<_>) = (told.lines().collect(), expected.lines().collect());
    let other: Vec<_> = told
        .iter()
        .filter(|line| !expected.contains(line))
        .collect();
    assert!(other.is_empty(), "told otherwise: {other:#?}");
    assert_eq!(told, expected);
}
