//! Ports below 1024 for a user who is not root, as the systemd unit of Caddy has it (`AmbientCapabilities`).

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, chown};
use std::process::Command;

use super::world::World;
use crate::server::program;

/// The user and the group `nobody`, whatever they are called.
const NOBODY: u32 = 65_534;
const ABILITY: &str = "+net_bind_service";
/// Below this one a port needs a right, if the system does not say otherwise.
const FIRST_FREE: &str = "/proc/sys/net/ipv4/ip_unprivileged_port_start";

#[test]
fn a_port_below_1024_needs_one_ability_and_not_root() {
    if !rustix::process::geteuid().is_root() {
        println!("not tested: only root can hand the ability to another user");
        return;
    }
    let mut world = World::answering("hello");
    world.http = low_port();
    world.write("Caddyfile", &world.site("hello", ""));
    let copy = world.path("program");
    fs::copy(program(), &copy).expect("the program under test is there");
    for file in [world.path(""), world.path("Caddyfile"), copy.clone()] {
        chown(&file, Some(NOBODY), Some(NOBODY)).expect("root may do that");
    }
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o500)).expect("the folder is ours");
    if low_ports_are_guarded(world.http) {
        let mut server = world.serve_with(as_nobody(&world, &[]));
        assert_eq!(server.exit().code(), Some(1));
        let log = server.log();
        let port = format!(":{}", world.http);
        assert!(
            log.contains(&port) && log.contains("permission denied"),
            "{log}"
        );
    } else {
        println!("every user may have port {} here", world.http);
    }
    let abilities = ["--inh-caps", ABILITY, "--ambient-caps", ABILITY];
    let server = world.serve_with(as_nobody(&world, &abilities));
    world.wait_for("hello");
    let status = fs::read_to_string(format!("/proc/{}/status", server.id())).expect("it runs");
    let user = status.lines().find(|line| line.starts_with("Uid:"));
    assert!(
        user.is_some_and(|line| line.contains(&NOBODY.to_string())),
        "{status}"
    );
    // What was loaded once can be loaded again without a right that is gone.
    world.write("Caddyfile", &world.site("goodbye", ""));
    world.done(&["reload"]);
    world.wait_for("goodbye");
}

/// `run` as a user who is nobody, with these abilities.
fn as_nobody(world: &World, abilities: &[&str]) -> Command {
    let id = NOBODY.to_string();
    let mut words = vec!["--reuid", &id, "--regid", &id, "--clear-groups"];
    words.extend(abilities);
    let copy = world.path("program");
    let copy = copy.to_string_lossy();
    words.extend([&*copy, "run"]);
    world.command_of("setpriv".as_ref(), &words)
}

fn low_ports_are_guarded(port: u16) -> bool {
    let first = fs::read_to_string(FIRST_FREE).ok();
    let first = first.and_then(|text| text.trim().parse::<u16>().ok());
    first.is_none_or(|first| port < first)
}

/// A port below 1024 on which nobody listens.
fn low_port() -> u16 {
    let free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    (600..1024)
        .rev()
        .find(free)
        .expect("one of so many is free")
}
