//! How the process starts, stops and exits.

use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

use rustix::process::Signal;
use tempfile::TempDir;

use crate::curl::Stream;
use crate::ollama::Ollama;
use crate::server::{Server, is_real_caddy, program, wait};

const HELLO: &str = "http://hello.example.com {\n\trespond hello\n}\n";

#[test]
fn sigterm_and_sigint_end_it_well() {
    for signal in [Signal::TERM, Signal::INT] {
        let mut server = Server::start(HELLO);
        server.signal(signal);
        assert_eq!(server.exit().code(), Some(0), "{signal:?}");
    }
}

#[test]
fn sigquit_ends_it_at_once() {
    let mut server = Server::start(HELLO);
    server.signal(Signal::QUIT);
    assert_eq!(server.exit().code(), Some(2));
}

#[test]
fn a_stream_is_finished_before_it_ends() {
    let (mut server, ollama, mut stream) = streaming();
    server.signal(Signal::TERM);
    assert!(!refuses_to_stop(&mut server));
    for _ in 0..3 {
        ollama.make_a_token();
        stream.line();
    }
    let (_, complete) = stream.finish();
    assert!(complete, "the stream was cut");
    assert_eq!(server.exit().code(), Some(0));
}

/// As the real Caddy: SIGINT after SIGTERM asks for what is being done already, and only one more leaves at once.
#[test]
fn a_second_sigint_after_a_sigterm_does_not_wait_for_streams() {
    let (mut server, ollama, mut stream) = streaming();
    server.signal(Signal::TERM);
    assert!(!refuses_to_stop(&mut server));
    server.signal(Signal::INT);
    ollama.make_a_token();
    stream.line();
    assert!(!server.has_ended(), "{}", server.log());
    // Two that come at the same time are one.
    while !server.has_ended() {
        server.signal(Signal::INT);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(server.exit().code(), Some(2));
    drop(ollama);
}

#[test]
fn a_second_sigint_does_not_wait_for_streams() {
    let (mut server, _ollama, _stream) = streaming();
    server.signal(Signal::INT);
    assert!(!refuses_to_stop(&mut server));
    server.signal(Signal::INT);
    assert_eq!(server.exit().code(), Some(2));
}

/// A server in the middle of an answer, of which one token came.
fn streaming() -> (Server, Ollama, Stream) {
    let (server, ollama) = crate::guide::serve_basic_auth();
    let arguments = ["--data", "{}", "--user", "username:hunter2"];
    let mut stream = Stream::open(&server, "/api/generate", &arguments);
    ollama.make_a_token();
    stream.line();
    (server, ollama, stream)
}

/// Waits until it listens no more; true if it is gone altogether.
fn refuses_to_stop(server: &mut Server) -> bool {
    while std::net::TcpStream::connect(("127.0.0.1", server.https)).is_ok() {
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    server.has_ended()
}

#[test]
fn a_port_that_is_taken_is_an_error_that_names_it() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("the loopback has free ports");
    let port = taken.local_addr().expect("it is bound").port();
    let config = format!("{{\n\tadmin off\n}}\nhttp://:{port} {{\n\tbind 127.0.0.1\n}}\n");
    let output = run(&["run"], Some(&config));
    assert_eq!(output.status.code(), Some(1));
    let error = stderr(&output);
    assert!(
        error.contains(&port.to_string()) && error.contains("address already in use"),
        "{error}"
    );
}

#[test]
fn a_config_that_cannot_be_used_is_not_served() {
    let output = run(&["run"], Some("a.example.com {\n\trespnd hello\n}\n"));
    assert_eq!(output.status.code(), Some(1));
    let error = stderr(&output);
    assert!(
        error.contains("respnd") && error.contains("Caddyfile:2"),
        "{error}"
    );
}

#[test]
fn the_environment_is_printed_first_where_that_is_asked_for() {
    let output = run(&["run", "--environ"], Some("{\n"));
    let out = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(out.starts_with("caddy.HomeDir="), "{out}");
    assert!(
        out.contains("\n\n") && out.contains("\nTHE_TEST=runs\n"),
        "{out}"
    );
}

#[test]
fn validating_writes_nothing() {
    if is_real_caddy() {
        println!("not run: the real Caddy makes a certificate authority to validate a config");
        return;
    }
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let config = "{\n\tlog {\n\t\toutput file made.log\n\t}\n}\nlocalhost {\n\ttls internal\n\tlog {\n\t\toutput file made2.log\n\t}\n}\n";
    let output = run_in(&folder, &["validate"], Some(config));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "Valid configuration\n"
    );
    let files: Vec<_> = std::fs::read_dir(folder.path())
        .expect("it is there")
        .map_while(Result::ok)
        .map(|file| file.file_name())
        .collect();
    assert_eq!(files, ["Caddyfile"]);
}

/// Runs the program in a folder with one Caddyfile, to its end.
fn run(arguments: &[&str], config: Option<&str>) -> Output {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    run_in(&folder, arguments, config)
}

fn run_in(folder: &TempDir, arguments: &[&str], config: Option<&str>) -> Output {
    if let Some(config) = config {
        std::fs::write(folder.path().join("Caddyfile"), config).expect("the folder is ours");
    }
    let mut child = Command::new(program())
        .args(arguments)
        .current_dir(folder.path())
        .env("HOME", folder.path())
        .env("XDG_DATA_HOME", folder.path())
        .env("THE_TEST", "runs")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program under test can be started");
    if wait(&mut child).is_none() {
        let _ = child.kill();
    }
    child.wait_with_output().expect("its output is read")
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into()
}
