//! The program under the name of what it replaces.

use std::os::unix::fs::symlink;
use std::process::Output;

use super::world::{Left, World};
use crate::server::program;

fn called(world: &World, arguments: &[&str]) -> Output {
    let link = world.path("caddy");
    if !link.exists() {
        symlink(program(), &link).expect("the folder is ours");
    }
    world
        .command_of(&link, arguments)
        .output()
        .expect("the program under test can be started")
}

fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_version_is_one_that_scripts_can_read() {
    let version = printed(&called(&World::answering("a"), &["version"]));
    let first = version.split_whitespace().next().unwrap_or_default();
    let numbers: Vec<_> = first.trim_start_matches('v').split('.').collect();
    assert!(
        numbers.len() == 3 && numbers.iter().all(|number| number.parse::<u32>().is_ok()),
        "{version}"
    );
    assert_eq!(numbers.first(), Some(&"2"), "{version}");
}

#[test]
fn usage_and_help_name_it_so() {
    let world = World::answering("a");
    let help = printed(&called(&world, &["help", "reload"]));
    assert!(help.contains("caddy reload"), "{help}");
    let script = printed(&called(&world, &["completion", "bash"]));
    assert!(script.contains("caddy") && !script.contains("caddis"));
}

#[test]
fn manual_pages_have_its_name() {
    let world = World::answering("a");
    let output = called(&world, &["manpage", "--directory", "man/deep"]);
    assert_eq!(output.status.code(), Some(0));
    for page in ["caddy.8", "caddy-run.8", "caddy-hash-password.8"] {
        let text = std::fs::read_to_string(world.path("man/deep").join(page));
        let text = text.unwrap_or_else(|error| panic!("{page}: {error}"));
        assert!(text.to_lowercase().contains(".th"), "{text}");
    }
}

#[test]
fn what_it_starts_is_called_so_too() {
    let world = World::answering("hello");
    let out = std::fs::File::create(world.path("out")).expect("the folder is ours");
    called(&world, &["version"]);
    let status = world
        .command_of(&world.path("caddy"), &["start", "--pidfile", "pid"])
        .stdout(out)
        .stderr(std::process::Stdio::null())
        .status();
    assert!(status.is_ok_and(|status| status.success()));
    let number = std::fs::read_to_string(world.path("pid")).expect("it is there");
    let server = Left(number.trim().parse().expect("it is a number"));
    let line = std::fs::read_to_string(format!("/proc/{}/cmdline", server.0)).expect("it runs");
    let name = line.split('\0').next().unwrap_or_default();
    assert!(name.ends_with("/caddy"), "{line}");
}
