//! The guide's section on trouble: what a reader sees in each case, and what it says to do.

use crate::background::{Background, Ports};
use crate::curl::{NAME, curl, try_curl};
use crate::guide::{BASIC_SETUP, REQUEST_BODY, with};
use crate::nginx::Nginx;
use crate::ollama::{Hosts, Ollama};
use crate::server::{Server, is_real_caddy};

const README: &str = include_str!("../../../README.md");
const HEADER_UP: &str = "header_up Host {upstream_hostport}";

#[test]
fn a_port_that_nginx_holds_is_named_and_another_one_helps() {
    let ports = Ports::public();
    let nginx = Nginx::on(ports.http);
    let options = ports.options();
    let config = |options: &str| {
        format!("{{\n\tlocal_certs\n\tskip_install_trust\n{options}}}\n{BASIC_SETUP}")
    };
    let mut server = Background::new(&ports);
    for command in ["run", "start"] {
        let file = server.write(&config(&options));
        let said = server.command(&[command, "--config", &file.to_string_lossy()], "");
        assert_eq!(said.code, Some(1), "{said:?}");
        let port = format!(":{}", ports.http);
        let error = said.err.to_lowercase();
        assert!(
            error.contains(&port) && error.contains("address already in use"),
            "{command}: {error}"
        );
        assert!(
            is_real_caddy() || error.contains("nginx"),
            "{command}: {error}"
        );
    }
    let others = format!(
        "\thttp_port {}\n\thttps_port {}\n",
        crate::server::free_port(),
        crate::server::free_port()
    );
    server.start(&config(&others)).well();
    server.command(&["stop"], "").well();
    server.wait_for_the_end();
    drop(nginx);
}

#[test]
fn an_upstream_that_refuses_is_named_with_what_ollama_has_to_be_told() {
    let address = address();
    let server = Server::start(&with(BASIC_SETUP, "localhost:11434", &address));
    let answer = curl(&server, "/api/version", &[]);
    assert_eq!((answer.status, answer.body.as_str()), (502, ""));
    let line = line_with(&server, &[&address, "refused"]);
    assert!(is_real_caddy() || line.contains("OLLAMA_HOST"), "{line}");
}

#[test]
fn an_ollama_that_forbids_a_foreign_host_is_explained() {
    let address = address();
    let _ollama = Ollama::at(&address, Hosts::Local);
    let config = with(BASIC_SETUP, "localhost:11434", &address);
    let server = Server::start(&config);
    let answer = curl(&server, "/api/version", &[]);
    assert_eq!((answer.status, answer.body.as_str()), (403, ""));
    if !is_real_caddy() {
        line_with(&server, &[HEADER_UP]);
    }
    assert!(README.contains(HEADER_UP), "the README does not say it");
    drop(server);
    let block = format!("{address} {{\n\t\t{HEADER_UP}\n\t}}");
    let server = Server::start(&with(&config, &address, &block));
    assert_eq!(curl(&server, "/api/version", &[]).status, 200);
}

#[test]
fn a_body_that_is_too_large_is_logged_with_the_limit_and_the_place_to_raise_it() {
    let ollama = Ollama::start();
    let upstream = format!("localhost:{}", ollama.port);
    let config = with(REQUEST_BODY, "localhost:11434", &upstream);
    let server = Server::start(&with(&config, "100MB", "10KB"));
    let body = "x".repeat(20_000);
    let sent = ["--http1.1", "--data", &body];
    assert_eq!(curl(&server, "/api/version", &sent).status, 413);
    if is_real_caddy() {
        return;
    }
    let text = std::fs::read_to_string(server.folder().join("Caddyfile"));
    let text = text.expect("it is served");
    // The place is that of the directive: the guide says to look for `request_body`.
    let line = text.lines().position(|line| line.contains("request_body"));
    let place = format!("Caddyfile:{}", line.expect("it is in the config") + 1);
    let line = line_with(&server, &[&place]);
    assert!(line.contains("10") && line.contains("max_size"), "{line}");
}

#[test]
fn a_body_that_is_too_large_after_a_reload_is_logged_with_the_place_too() {
    let (ports, ollama) = (Ports::others(), Ollama::start());
    let mut server = Background::new(&ports);
    let log = server.launch.folder.path().join("the.log");
    let options = format!("\tlog {{\n\t\toutput file {}\n\t}}\n", log.display());
    let config = |limit| {
        let options = format!("{}{options}", ports.options());
        let upstream = format!("localhost:{}", ollama.port);
        let config = with(REQUEST_BODY, "localhost:11434", &upstream);
        let config = with(&config, "100MB", limit);
        format!("{{\n\tlocal_certs\n\tskip_install_trust\n{options}}}\n{config}")
    };
    server.start(&config("20KB")).well();
    let config = config("10KB");
    server.reload(&config).well();
    let body = "x".repeat(20_000);
    let root = server.launch.data().join("pki/authorities/local/root.crt");
    let sent = ["--http1.1", "--data", &body];
    let answer = try_curl((ports.https, &root), NAME, "/api/version", &sent);
    assert_eq!(answer.map(|answer| answer.status), Ok(413));
    let line = config
        .lines()
        .position(|line| line.contains("request_body"));
    let place = format!("Caddyfile:{}", line.expect("it is in the config") + 1);
    let logged = || std::fs::read_to_string(&log).unwrap_or_default();
    let start = std::time::Instant::now();
    while !is_real_caddy() && !logged().contains(&place) {
        assert!(start.elapsed() < crate::server::PATIENCE, "{}", logged());
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    server.command(&["stop"], "").well();
    server.wait_for_the_end();
}

/// An address on Ollama's port that no other test has.
fn address() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(1);
    let [_, _, high, low] = std::process::id().to_be_bytes();
    let step = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("127.{}.{high}.{}:11434", 100 + step, low.clamp(1, 254))
}

/// The line of the log that has all these texts; it is written before the answer is seen, or soon after.
fn line_with(server: &Server, texts: &[&str]) -> String {
    let start = std::time::Instant::now();
    loop {
        let log = server.log();
        let found = log
            .lines()
            .find(|line| texts.iter().all(|text| line.contains(text)));
        if let Some(line) = found {
            return line.to_owned();
        }
        assert!(
            start.elapsed() < crate::server::PATIENCE,
            "no line with {texts:?}:\n{log}"
        );
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
