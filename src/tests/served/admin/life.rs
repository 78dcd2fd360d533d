//! The admin endpoint alone, at the end of a server, and for its authorities.

use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::managed::{Managed, send};
use crate::server::{PATIENCE, free_port, program, wait};

#[test]
fn without_a_config_the_endpoint_is_there_alone() {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let admin = free_port();
    let mut child = Command::new(program())
        .arg("run")
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .env("XDG_DATA_HOME", folder.path())
        .env("XDG_CONFIG_HOME", folder.path())
        .env("CADDY_ADMIN", format!("127.0.0.1:{admin}"))
        .stderr(Stdio::null())
        .spawn()
        .expect("the program under test can be started");
    let start = Instant::now();
    while TcpStream::connect(("127.0.0.1", admin)).is_err() && start.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(10));
    }
    let config = send(admin, "GET /config/ HTTP/1.1\nHost: localhost:{P}");
    let stopped = send(admin, "POST /stop HTTP/1.1\nHost: localhost:{P}");
    let ended = wait(&mut child);
    if ended.is_none() {
        let _ = child.kill();
    }
    assert_eq!((config.body.as_str(), stopped.status), ("null\n", 200));
    assert_eq!(ended.and_then(|status| status.code()), Some(0));
}

#[test]
fn the_server_ends_when_it_is_told_to() {
    let mut managed = Managed::start();
    assert_eq!(
        managed
            .send("GET /stop HTTP/1.1\nHost: localhost:{P}")
            .status,
        405
    );
    assert_eq!(
        managed
            .send("POST /stop HTTP/1.1\nHost: localhost:{P}")
            .status,
        200
    );
    assert_eq!(managed.server.exit().code(), Some(0));
}

#[test]
fn certificates_of_an_authority_are_shown() {
    let managed = Managed::start();
    let kept = std::fs::read_to_string(managed.server.root()).expect("it has made its authority");
    let chain = managed.get("/pki/ca/local/certificates").body;
    assert!(chain.ends_with(&kept), "{chain}");
    let shown = managed.get("/pki/ca/local").body;
    assert!(
        shown.starts_with(r#"{"id":"local","name":"Caddy Local Authority","root_common_name":"#),
        "{shown}"
    );
    assert_eq!(managed.get("/pki/ca/nope").status, 404);
}
