//! What the system's supervisor is told.

use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use rustix::process::Signal;

use super::world::World;
use crate::server::PATIENCE;

#[test]
fn a_supervisor_is_told_of_the_start_of_loads_and_of_the_end() {
    let world = World::answering("one");
    let path = world.path("notify");
    let supervisor = UnixDatagram::bind(&path).expect("the folder is ours");
    let mut command = world.command(&["run"]);
    command.env("NOTIFY_SOCKET", &path);
    let mut server = world.serve_with(command);
    assert_eq!(told(&supervisor, 2), ["RELOADING=1", "READY=1"]);
    world.done(&["reload", "--force"]);
    assert_eq!(told(&supervisor, 2), ["RELOADING=1", "READY=1"]);
    let broken = "two\n\t@m path_regexp (\n\trespond @m three";
    world.write("Caddyfile", &world.site(broken, ""));
    assert!(!world.run(&["reload"]).status.success());
    let notices = told(&supervisor, 3);
    let [reloading, status, ready] = notices.as_slice() else {
        panic!("{notices:?}");
    };
    assert_eq!(
        (reloading.as_str(), ready.as_str()),
        ("RELOADING=1", "READY=1")
    );
    assert!(
        status.starts_with("STATUS=") && status.contains('('),
        "{status}"
    );
    server.signal(Signal::TERM);
    assert_eq!(told(&supervisor, 1), ["STOPPING=1"]);
    assert_eq!(server.exit().code(), Some(0), "{}", server.log());
}

#[test]
fn a_load_of_the_same_config_is_told_too() {
    let world = World::answering("one");
    let path = world.path("notify");
    let supervisor = UnixDatagram::bind(&path).expect("the folder is ours");
    let mut command = world.command(&["run"]);
    command.env("NOTIFY_SOCKET", &path);
    let _server = world.serve_with(command);
    assert_eq!(told(&supervisor, 2), ["RELOADING=1", "READY=1"]);
    world.done(&["reload"]);
    assert_eq!(told(&supervisor, 2), ["RELOADING=1", "READY=1"]);
}

#[test]
fn a_supervisor_may_listen_on_a_socket_without_a_file() {
    let world = World::answering("one");
    let name = format!("caddis-served-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("it is a name");
    let supervisor = UnixDatagram::bind_addr(&address).expect("nobody else has it");
    let mut command = world.command(&["run"]);
    command.env("NOTIFY_SOCKET", format!("@{name}"));
    let server = world.serve_with(command);
    assert_eq!(told(&supervisor, 2), ["RELOADING=1", "READY=1"]);
    server.signal(Signal::TERM);
    assert_eq!(told(&supervisor, 1), ["STOPPING=1"]);
}

#[test]
fn a_config_that_cannot_be_adapted_tells_the_supervisor_nothing() {
    let world = World::answering("one");
    world.write("Caddyfile", "http://a.test {\n\trespnd hello\n}\n");
    let path = world.path("notify");
    let supervisor = UnixDatagram::bind(&path).expect("the folder is ours");
    let mut command = world.command(&["run"]);
    command.env("NOTIFY_SOCKET", &path);
    assert_eq!(world.serve_with(command).exit().code(), Some(1));
    supervisor.set_nonblocking(true).expect("it is ours");
    assert!(supervisor.recv(&mut [0; 256]).is_err());
}

/// The first lines of the next notices; the time that we add for `Type=notify-reload` stands in the second.
fn told(supervisor: &UnixDatagram, count: usize) -> Vec<String> {
    supervisor
        .set_read_timeout(Some(PATIENCE))
        .expect("it is not zero");
    let next = || {
        let mut bytes = [0; 2048];
        let count = supervisor.recv(&mut bytes).expect("a notice comes");
        let text = String::from_utf8_lossy(&bytes[..count]).into_owned();
        text.lines().next().unwrap_or_default().to_owned()
    };
    (0..count).map(|_| next()).collect()
}
