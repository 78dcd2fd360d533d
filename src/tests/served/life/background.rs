//! `start` and `stop`.

use std::net::TcpListener;
use std::process::Stdio;

use super::world::{Left, World, until};
use crate::server::is_real_caddy;

#[test]
fn a_server_is_started_in_the_background_and_stopped() {
    let world = World::answering("hello");
    let server = start(&world, &["start", "--pidfile", "pid"]);
    // It was waited for: the first question is answered.
    assert_eq!(world.answer().as_deref(), Some("hello"));
    let number = std::fs::read_to_string(world.path("pid")).expect("it is there");
    assert_eq!(number, format!("{}\n", server.0));
    world.done(&["stop"]);
    world.wait_for_the_end();
    assert!(until(|| !world.path("pid").exists()));
}

#[test]
fn who_reads_the_output_of_start_does_not_wait_for_the_servers_end() {
    if is_real_caddy() {
        println!("not run: the server of the real Caddy holds on to the output");
        return;
    }
    let world = World::answering("hello");
    let output = world.done(&["start"]);
    let _server = Left(process(&output.stdout));
    assert_eq!(world.answer().as_deref(), Some("hello"));
}

#[test]
fn a_server_in_the_background_goes_on_writing_to_a_file() {
    let world = World::answering("hello");
    let log = std::fs::File::create(world.path("err")).expect("the folder is ours");
    let _server = start_with(&world, &["start"], log.into());
    world.done(&["stop"]);
    let said = || std::fs::read_to_string(world.path("err")).unwrap_or_default();
    assert!(until(|| said().contains("shutdown complete")), "{}", said());
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let world = World::answering("hello");
    world.write("Caddyfile", "http://a.test {\n\trespnd hello\n}\n");
    let output = world.run(&["start"]);
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        error.contains("respnd") && error.contains("Caddyfile:2"),
        "{error}"
    );
}

#[test]
fn a_server_whose_port_is_taken_does_not_start() {
    let world = World::answering("hello");
    let _taken = TcpListener::bind(("127.0.0.1", world.http)).expect("it was free");
    let output = world.run(&["start"]);
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains(&world.http.to_string()), "{error}");
}

#[test]
fn a_second_server_on_the_same_port_is_refused_and_the_first_one_named() {
    let world = World::answering("first");
    let port = format!("admin 127.0.0.1:{}", world.admin);
    // An admin endpoint that both want would be in the way before the port of the site.
    let alone = world.site("first", "").replace(&port, "admin off");
    world.write("Caddyfile", &alone);
    let first = world.serve(&["run"]);
    world.wait_for("first");
    if is_real_caddy() {
        println!("not tested: two of the real Caddy may share a port");
        return;
    }
    let second = world.run(&["run"]);
    assert_eq!(second.status.code(), Some(1));
    let error = String::from_utf8_lossy(&second.stderr);
    for part in [world.http.to_string(), format!("process {}", first.id())] {
        assert!(error.contains(&part), "{error}");
    }
}

#[test]
fn a_server_whose_starter_is_gone_ends() {
    let world = World::answering("hello");
    let mut server = world.serve(&["run", "--pingback", "127.0.0.1:1"]);
    assert_eq!(server.exit().code(), Some(1), "{}", server.log());
}

#[test]
fn the_starter_is_told_what_it_said() {
    let world = World::answering("hello");
    let starter = TcpListener::bind("127.0.0.1:0").expect("the loopback has free ports");
    let address = starter.local_addr().expect("it is bound").to_string();
    world.write("secret", "what it said");
    let mut command = world.command(&["run", "--pingback", &address]);
    command.stdin(std::fs::File::open(world.path("secret")).expect("it is there"));
    let server = world.serve_with(command);
    starter.set_nonblocking(true).expect("it is ours");
    let mut came = None;
    let comes = until(|| {
        came = came.take().or_else(|| starter.accept().ok());
        came.is_some()
    });
    assert!(comes, "{}", server.log());
    let (stream, _) = came.expect("it came");
    stream.set_nonblocking(false).expect("it is ours");
    let said = std::io::read_to_string(stream).expect("it ends");
    assert_eq!(said, "what it said");
    assert_eq!(world.answer().as_deref(), Some("hello"));
}

#[test]
fn stopping_a_server_that_is_not_there_names_the_address() {
    let world = World::answering("hello");
    for arguments in [&["stop"][..], &["stop", "--config", "Caddyfile"]] {
        let output = world.run(arguments);
        assert_eq!(output.status.code(), Some(1));
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(error.contains(&world.admin.to_string()), "{error}");
    }
}

/// Starts a server, and reads its number from what is printed.
fn start(world: &World, arguments: &[&str]) -> Left {
    start_with(world, arguments, Stdio::null())
}

fn start_with(world: &World, arguments: &[&str], stderr: Stdio) -> Left {
    let out = world.path("out");
    let file = std::fs::File::create(&out).expect("the folder is ours");
    let status = world
        .command(arguments)
        .stdout(file)
        .stderr(stderr)
        .status()
        .expect("the program under test can be started");
    assert!(status.success());
    Left(process(&std::fs::read(out).expect("it is there")))
}

/// The number in `… (pid=123)…`.
fn process(output: &[u8]) -> u32 {
    let text = String::from_utf8_lossy(output);
    let number = text
        .split_once("(pid=")
        .and_then(|(_, rest)| rest.split_once(')'));
    let (number, _) = number.unwrap_or_else(|| panic!("there is no number in {text:?}"));
    number.parse().expect("it is a number")
}
