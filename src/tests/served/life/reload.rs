//! `reload`, and the signal that does the same.

use rustix::process::Signal;

use super::world::{World, until};
use crate::server::is_real_caddy;

#[test]
fn another_config_is_served_without_a_restart() {
    let world = World::answering("one");
    let mut server = world.serve(&["run"]);
    world.wait_for("one");
    world.write("Caddyfile", &world.site("two", ""));
    world.done(&["reload"]);
    assert_eq!(world.answer().as_deref(), Some("two"));
    world.done(&["stop", "--config", "Caddyfile"]);
    assert_eq!(server.exit().code(), Some(0), "{}", server.log());
}

#[test]
fn the_same_config_is_loaded_again_only_where_that_is_forced() {
    let world = World::answering("one");
    let server = world.serve(&["run"]);
    world.wait_for("one");
    world.done(&["reload"]);
    let loads = || server.log().matches("autosaved config").count();
    assert_eq!(loads(), 1, "{}", server.log());
    world.done(&["reload", "--config", "Caddyfile", "--force"]);
    assert!(until(|| loads() == 2), "{}", server.log());
}

#[test]
fn a_config_that_cannot_be_adapted_never_reaches_the_server() {
    let world = World::answering("one");
    let server = world.serve(&["run"]);
    world.wait_for("one");
    world.write("Caddyfile", &world.site("two\n\trespnd three", ""));
    let output = world.run(&["reload"]);
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("respnd"), "{error}");
    assert_eq!(world.answer().as_deref(), Some("one"));
    assert!(!server.log().contains("respnd"), "{}", server.log());
}

#[test]
fn what_the_server_refuses_is_shown_and_the_old_config_goes_on() {
    let world = World::answering("one");
    let _server = world.serve(&["run"]);
    world.wait_for("one");
    let broken = "two\n\t@m path_regexp (\n\trespond @m three";
    world.write("Caddyfile", &world.site(broken, ""));
    let output = world.run(&["reload"]);
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8_lossy(&output.stderr);
    // Caddy says where in its JSON; the Caddyfile is at hand, so we say where in that.
    let place = if is_real_caddy() {
        "400"
    } else {
        "Caddyfile:7"
    };
    assert!(error.contains(place), "{error}");
    assert_eq!(world.answer().as_deref(), Some("one"));
}

#[test]
fn json_is_handed_to_the_server_as_it_stands() {
    let world = World::answering("one");
    let _server = world.serve(&["run"]);
    world.wait_for("one");
    let adapted = world.done(&["adapt"]).stdout;
    let json = String::from_utf8_lossy(&adapted).replace(r#""one""#, r#""two""#);
    world.write("config.json", &json);
    world.done(&["reload", "--config", "config.json"]);
    assert_eq!(world.answer().as_deref(), Some("two"));
}

#[test]
fn a_signal_reloads_the_file() {
    let world = World::answering("one");
    let server = world.serve(&["run", "--config", "Caddyfile"]);
    world.wait_for("one");
    world.write("Caddyfile", &world.site("two", ""));
    // The real Caddy passes over a signal that comes in the first moments.
    assert!(
        until(|| {
            server.signal(Signal::USR1);
            world.answer().as_deref() == Some("two")
        }),
        "{}",
        server.log()
    );
}

#[test]
fn a_signal_with_a_config_that_cannot_be_used_changes_nothing() {
    let world = World::answering("one");
    let server = world.serve(&["run", "--config", "Caddyfile"]);
    world.wait_for("one");
    world.write("Caddyfile", &world.site("two\n\trespnd three", ""));
    assert!(
        until(|| {
            server.signal(Signal::USR1);
            server.log().contains("respnd")
        }),
        "{}",
        server.log()
    );
    assert_eq!(world.answer().as_deref(), Some("one"));
}

#[test]
fn a_signal_reloads_the_file_after_a_reload_of_that_file_too() {
    let world = World::answering("one");
    let server = world.serve(&["run", "--config", "Caddyfile"]);
    world.wait_for("one");
    world.write("Caddyfile", &world.site("two", ""));
    world.done(&["reload", "--config", "Caddyfile"]);
    world.write("Caddyfile", &world.site("three", ""));
    assert!(
        until(|| {
            server.signal(Signal::USR1);
            world.answer().as_deref() == Some("three")
        }),
        "{}",
        server.log()
    );
}

#[test]
fn a_signal_is_passed_over_once_the_config_came_from_elsewhere() {
    let world = World::answering("one");
    let server = world.serve(&["run", "--config", "Caddyfile"]);
    world.wait_for("one");
    world.write("other.caddyfile", &world.site("other", ""));
    world.done(&["reload", "--config", "other.caddyfile"]);
    server.signal(Signal::USR1);
    let passed_over = || server.log().contains("ignored");
    assert!(until(passed_over), "{}", server.log());
    assert_eq!(world.answer().as_deref(), Some("other"));
}
