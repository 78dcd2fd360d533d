//! What `run` does besides serving: its number in a file, the limit of open files, no config at all.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use rustix::process::Signal;

use super::world::{World, until};
use crate::server::program;

#[test]
fn the_number_of_the_process_is_in_a_file_while_it_serves() {
    let world = World::answering("hello");
    let mut server = world.serve(&["run", "--pidfile", "pid"]);
    world.wait_for("hello");
    let file = world.path("pid");
    let number = fs::read_to_string(&file).expect("it is there");
    assert_eq!(number, format!("{}\n", server.id()));
    let about = fs::metadata(&file).expect("it is there");
    assert_eq!(about.permissions().mode() & 0o777, 0o600);
    server.signal(Signal::TERM);
    assert_eq!(server.exit().code(), Some(0), "{}", server.log());
    assert!(!file.exists());
}

#[test]
fn a_number_that_cannot_be_written_is_no_reason_not_to_serve() {
    let world = World::answering("hello");
    let server = world.serve(&["run", "--pidfile", "/nowhere/at-all"]);
    world.wait_for("hello");
    let said = || server.log().contains("/nowhere/at-all");
    assert!(until(said), "{}", server.log());
}

#[test]
fn as_many_files_may_be_open_as_the_system_lets() {
    let world = World::answering("hello");
    let line = format!("ulimit -Sn 128 && exec {} run", program().display());
    let server = world.serve_with(world.command_of(Path::new("/bin/sh"), &["-c", &line]));
    world.wait_for("hello");
    let limits = fs::read_to_string(format!("/proc/{}/limits", server.id()));
    let limits = limits.expect("it runs");
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let words: Vec<&str> = line.unwrap_or_default().split_whitespace().collect();
    let number = |at| -> u64 {
        let number = words.get(at).and_then(|word: &&str| word.parse().ok());
        number.unwrap_or(u64::MAX)
    };
    // Go leaves one out.
    assert!(number(3) >= number(4) - 1, "{words:?}");
}

#[test]
fn without_a_config_the_admin_endpoint_waits_for_one() {
    let world = World::answering("hello");
    fs::rename(world.path("Caddyfile"), world.path("later.caddyfile")).expect("it is there");
    let mut server = world.serve(&["run"]);
    assert!(until(|| world
        .run(&["reload", "--config", "later.caddyfile"])
        .status
        .success()));
    world.wait_for("hello");
    world.done(&["stop"]);
    assert_eq!(server.exit().code(), Some(0), "{}", server.log());
}

#[test]
fn words_that_mean_nothing_are_passed_over() {
    let world = World::answering("hello");
    let _server = world.serve(&["run", "some", "words"]);
    world.wait_for("hello");
}
