//! The config that is kept, and `run --resume`.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use rustix::process::Signal;

use super::world::{Running, World, until};

#[test]
fn what_was_served_last_is_served_again_whatever_the_config_says() {
    let world = World::answering("one");
    end(&world, world.serve(&["run"]), "one");
    world.write("Caddyfile", &world.site("two", ""));
    let server = world.serve(&["run", "--resume", "--config", "Caddyfile"]);
    world.wait_for("one");
    let log = server.log();
    let warning = log.lines().find(|line| line.contains("--resume"));
    assert!(warning.is_some_and(|line| line.contains("warn")), "{log}");
}

#[test]
fn with_nothing_to_resume_the_config_is_served() {
    let world = World::answering("one");
    end(&world, world.serve(&["run", "--resume"]), "one");
    end(&world, world.serve(&["run", "--resume"]), "one");
}

#[test]
fn nobody_else_may_read_what_is_kept() {
    let world = World::answering("one");
    end(&world, world.serve(&["run"]), "one");
    let about = fs::metadata(world.autosave()).expect("it is kept");
    assert_eq!(about.permissions().mode() & 0o777, 0o600);
    let adapted = world.done(&["adapt"]).stdout;
    let kept = fs::read(world.autosave()).expect("it is kept");
    assert_eq!(
        String::from_utf8_lossy(&kept).trim(),
        String::from_utf8_lossy(&adapted).trim()
    );
}

#[test]
fn a_config_that_is_not_to_be_kept_is_not() {
    let world = World::answering("one");
    world.write("Caddyfile", &world.site("one", "\tpersist_config off\n"));
    end(&world, world.serve(&["run"]), "one");
    assert!(!world.autosave().exists());
}

#[test]
fn what_was_kept_and_cannot_be_read_is_not_passed_over() {
    let world = World::answering("one");
    fs::create_dir_all(world.path("config/caddy")).expect("the folder is ours");
    fs::write(world.autosave(), "{\"apps\":").expect("the folder is ours");
    let mut server = world.serve(&["run", "--resume", "--config", "Caddyfile"]);
    assert_eq!(server.exit().code(), Some(1), "{}", server.log());
}

#[test]
fn a_signal_does_not_bring_back_the_file_once_resumed() {
    let world = World::answering("one");
    end(&world, world.serve(&["run"]), "one");
    world.write("Caddyfile", &world.site("two", ""));
    let server = world.serve(&["run", "--resume"]);
    world.wait_for("one");
    let passed_over = || {
        server.signal(Signal::USR1);
        server.log().contains("ignored")
    };
    assert!(until(passed_over), "{}", server.log());
    assert_eq!(world.answer().as_deref(), Some("one"));
}

/// Waits until it answers, and ends it.
fn end(world: &World, mut server: Running, answer: &str) {
    world.wait_for(answer);
    server.signal(Signal::TERM);
    assert_eq!(server.exit().code(), Some(0), "{}", server.log());
}
