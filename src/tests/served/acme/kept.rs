//! What is kept of certificates and accounts, and used again.

use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::Signal;
use serde_json::Value;

use crate::acme::site::{Site, files, sites};
use crate::server::{Server, is_real_caddy, program};

const FIRST: &str = "first.example.com";
const SECOND: &str = "second.example.com";

#[test]
fn keys_are_for_their_owner_alone() {
    let site = Site::new();
    let server = site.run(&sites(&[FIRST]));
    site.wait_until_served(&server, FIRST);
    let mut kept = files(&site.certificates());
    kept.extend(files(&site.accounts()));
    let keys = kept.iter().filter(|(path, _)| has_ending(path, "key"));
    assert_eq!(keys.count(), 2, "{kept:?}");
    assert!(kept.iter().all(|(_, mode)| *mode == 0o600), "{kept:?}");
}

#[test]
fn files_are_named_and_filled_as_caddy_does() {
    let site = Site::new();
    let config = site.config("\temail me@example.com\n", &sites(&[FIRST]));
    let server = site.launch.run(&config);
    site.wait_until_served(&server, FIRST);
    stop(server);
    let certificates = site.certificates().join(FIRST);
    let names: Vec<_> = files(&certificates)
        .into_iter()
        .map(|file| file.0)
        .collect();
    let file = |ending| certificates.join(format!("{FIRST}.{ending}"));
    assert_eq!(names, [file("crt"), file("json"), file("key")]);
    let about = json(&file("json"));
    assert_eq!(about["sans"], serde_json::json!([FIRST]));
    assert!(
        about["issuer_data"]["url"]
            .as_str()
            .is_some_and(|url| url.contains("/certZ/")),
        "{about}"
    );
    let account = json(&site.accounts().join("me@example.com/me.json"));
    assert_eq!(account["status"], "valid");
    assert_eq!(
        account["contact"],
        serde_json::json!(["mailto:me@example.com"])
    );
    assert!(
        account["location"]
            .as_str()
            .is_some_and(|url| url.contains("/my-account/")),
        "{account}"
    );
}

#[test]
fn a_restart_places_no_second_order_and_keeps_the_account() {
    restart(&program(), &program(), "");
}

#[test]
fn files_of_a_real_caddy_are_taken_over() {
    restart(&caddy(), &program(), "");
    restart(&caddy(), &program(), "\temail me@example.com\n");
}

#[test]
fn a_real_caddy_can_take_over_our_files() {
    restart(&program(), &caddy(), "");
    restart(&program(), &caddy(), "\temail me@example.com\n");
}

#[test]
fn the_account_is_one_however_often_caddy_and_we_take_turns() {
    let mut site = Site::new();
    let names = ["a.example.com", "b.example.com", "c.example.com"];
    for (count, program) in [caddy(), program(), caddy()].into_iter().enumerate() {
        site.launch.program = program;
        let server = site.run(&sites(&names[..=count]));
        for name in &names[..=count] {
            site.wait_until_served(&server, name);
        }
        stop(server);
    }
    assert_eq!((site.pebble.orders(), site.pebble.accounts()), (3, 1));
}

/// One program obtains a certificate; another goes on with what it left, and obtains one for a second name.
fn restart(before: &Path, after: &Path, options: &str) {
    let mut site = Site::new();
    before.clone_into(&mut site.launch.program);
    let server = site.launch.run(&site.config(options, &sites(&[FIRST])));
    let first = site.wait_until_served(&server, FIRST);
    stop(server);
    assert_eq!(site.pebble.orders(), 1);
    after.clone_into(&mut site.launch.program);
    let server = site
        .launch
        .run(&site.config(options, &sites(&[FIRST, SECOND])));
    assert_eq!(site.wait_until_served(&server, FIRST), first);
    site.wait_until_served(&server, SECOND);
    assert_eq!(site.wait_until_served(&server, FIRST), first);
    stop(server);
    assert_eq!(site.pebble.orders(), 2, "a second order for the first name");
    assert_eq!(site.pebble.accounts(), 1);
}

fn stop(mut server: Server) {
    server.signal(Signal::TERM);
    assert_eq!(server.exit().code(), Some(0));
}

/// The real Caddy.
fn caddy() -> PathBuf {
    if is_real_caddy() {
        return program();
    }
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/target/caddy/usr/bin/caddy");
    let caddy = std::env::var_os("CADDY").map_or_else(|| default.into(), PathBuf::from);
    assert!(
        caddy.exists(),
        "{} is missing: run .ci/setup",
        caddy.display()
    );
    caddy
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found == ending)
}

fn json(path: &Path) -> Value {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).expect("it is JSON")
}
