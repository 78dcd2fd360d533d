//! The command lines of Caddy's systemd unit and of its container, and what a config may take from outside.

use std::fs::File;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;

use rustix::process::Signal;

use super::world::World;

#[test]
fn those_of_the_unit_serve_reload_and_end() {
    let world = World::answering("one");
    world.write("site.conf", &world.site("one", ""));
    let words = ["run", "--environ", "--config", "site.conf"];
    let adapter = ["--adapter", "caddyfile"];
    let mut server = world.serve(&[&words[..], &adapter].concat());
    world.wait_for("one");
    world.write("site.conf", &world.site("two", ""));
    let words = ["reload", "--config", "site.conf", "--force"];
    world.done(&[&words[..], &adapter].concat());
    world.wait_for("two");
    server.signal(Signal::TERM);
    assert_eq!(server.exit().code(), Some(0), "{}", server.log());
}

#[test]
fn a_config_may_come_from_standard_input() {
    let world = World::answering("typed");
    let mut command = world.command(&["run", "--config", "-", "--adapter", "caddyfile"]);
    command.stdin(File::open(world.path("Caddyfile")).expect("it is there"));
    let _server = world.serve_with(command);
    world.wait_for("typed");
}

#[test]
fn a_config_may_name_variables_of_a_file_and_of_the_process() {
    let world = World::answering("none");
    world.write("Caddyfile", &world.site("{$FIRST}-{env.SECOND}", ""));
    world.write("one.env", "FIRST=one\nSECOND=two\n");
    let mut command = world.command(&["run", "--envfile", "one.env"]);
    command.env("FIRST", "zero");
    let _server = world.serve_with(command);
    // As in Caddy, what the process has counts more than the file.
    world.wait_for("zero-two");
}

#[test]
fn the_admin_endpoint_may_be_a_socket_for_some_alone() {
    let world = World::answering("one");
    let address = format!("unix/{}", world.path("admin.sock").display());
    let port = format!("admin 127.0.0.1:{}", world.admin);
    let site = |text| {
        let of_some = format!("admin {address}|0600");
        world.site(text, "").replace(&port, &of_some)
    };
    world.write("Caddyfile", &site("one"));
    let mut server = world.serve(&["run"]);
    world.wait_for("one");
    let about = std::fs::metadata(world.path("admin.sock")).expect("it listens");
    assert_eq!(about.permissions().mode() & 0o777, 0o600);
    world.write("Caddyfile", &site("two"));
    world.done(&["reload", "--address", &address]);
    world.wait_for("two");
    world.done(&["stop", "--address", &address]);
    assert_eq!(server.exit().code(), Some(0), "{}", server.log());
}

#[test]
fn without_an_admin_endpoint_nobody_listens_for_commands() {
    let world = World::answering("alone");
    let port = format!("admin 127.0.0.1:{}", world.admin);
    let config = world.site("alone", "").replace(&port, "admin off");
    world.write("Caddyfile", &config);
    let _server = world.serve(&["run"]);
    world.wait_for("alone");
    assert!(TcpStream::connect(("127.0.0.1", world.admin)).is_err());
    assert_eq!(world.run(&["stop"]).status.code(), Some(1));
}
