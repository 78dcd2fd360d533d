//! The README's quick start: its config and its curl lines, on free ports.

use std::process::Command;

use crate::guide::with;
use crate::server::{Server, free_port};

const README: &str = include_str!("../../../README.md");
const CONFIG: &str = include_str!("../../../testdata/examples/first-light.caddyfile");

#[test]
fn the_curl_lines_of_the_readme_do_what_it_says() {
    let (server, https) = start();
    let lines: Vec<&str> = (README.lines())
        .filter(|line| line.starts_with("curl --cacert $ROOT"))
        .collect();
    let expected = [r#""response":"Hello""#, r#"{"version":"0.0.0"}"#, " 401"];
    assert_eq!(lines.len(), expected.len(), "{lines:?}");
    for (line, expected) in lines.iter().zip(expected) {
        let line = with(line, ":8443", &format!(":{https}"));
        let output = Command::new("sh")
            .args(["-c", &line])
            .env("ROOT", "target/first-light/pki/authorities/local/root.crt")
            .env("no_proxy", "*")
            .current_dir(server.folder())
            .output()
            .expect("there is a shell");
        let answer = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            answer.contains(expected),
            "{line}\n{answer}\n{}",
            server.log()
        );
    }
}

/// The example as it stands, but for its ports.
fn start() -> (Server, u16) {
    let (http, https, upstream) = (free_port(), free_port(), free_port());
    let mut config = CONFIG.to_owned();
    for (old, new) in [("8080", http), ("8443", https), ("11435", upstream)] {
        config = with(&config, old, &new.to_string());
    }
    (Server::start_as_it_stands(&config, http, https), https)
}
