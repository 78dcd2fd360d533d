//! Names that are proven by records in DNS: changed by a program, and by a DNS server.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use crate::acme::site::{Site, wait_for_line};
use crate::named::{KEY, Named};
use crate::server::is_real_caddy;

const WILDCARD: &str = "*.example.com";
const NAME: &str = "any.example.com";

/// A site of a wildcard that is proven so.
fn site(provider: &str, resolver: u16) -> String {
    format!(
        "{WILDCARD} {{\n\ttls {{\n\t\tdns {provider}\n\t\tresolvers 127.0.0.1:{resolver}\n\t}}\n\trespond hello\n}}\n"
    )
}

fn by_rfc2136(named: &Named, key: &str) -> String {
    let Named { port, .. } = named;
    format!(
        "rfc2136 {{\n\t\t\tserver 127.0.0.1:{port}\n\t\t\tkey_name test\n\t\t\tkey_alg hmac-sha256\n\t\t\tkey {key}\n\t\t}}"
    )
}

/// A program that changes the records of Pebble's own DNS server, and what it was told.
fn program(site: &Site) -> (PathBuf, PathBuf) {
    let folder = site.launch.data();
    fs::create_dir_all(&folder).expect("the folder is ours");
    let (program, log) = (folder.join("dns"), folder.join("dns.log"));
    let port = site.pebble.dns_management();
    let change = |path: &str, value: &str| {
        format!("exec curl -sfd '{{\"host\":\"'$2'\"{value}}}' http://127.0.0.1:{port}/{path}")
    };
    let script = format!(
        "#!/bin/sh\necho \"$@\" >> {}\ncase $1 in\npresent) {} ;;\ncleanup) {} ;;\nesac\nexit 1\n",
        log.display(),
        change("set-txt", ",\"value\":\"'$3'\""),
        change("clear-txt", ""),
    );
    fs::write(&program, script).expect("the folder is ours");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o700)).expect("the file is ours");
    (program, log)
}

#[test]
fn a_wildcard_is_proven_by_a_record_that_a_program_puts_there_and_takes_away() {
    if is_real_caddy() {
        return;
    }
    let ca = Site::new();
    let (program, log) = program(&ca);
    let provider = format!("exec {}", program.display());
    let server = ca.run(&site(&provider, ca.pebble.dns()));
    ca.wait_until_served(&server, NAME);
    ca.wait_until_served(&server, "other.example.com");
    assert_eq!(ca.pebble.orders(), 1);
    let said = fs::read_to_string(log).expect("it was run");
    let said: Vec<_> = said.lines().collect();
    let [put, taken] = said[..] else {
        panic!("{said:?}");
    };
    let (put, taken) = (put.strip_prefix("present "), taken.strip_prefix("cleanup "));
    assert_eq!(put, taken);
    assert!(
        put.is_some_and(|record| record.starts_with("_acme-challenge.example.com. ")),
        "{said:?}"
    );
}

#[test]
fn a_wildcard_is_proven_by_an_update_of_its_zone() {
    if is_real_caddy() {
        return;
    }
    let named = Named::start("example.com");
    let ca = Site::with(|mut knobs| {
        knobs.dns = named.port;
        knobs
    });
    let server = ca.run(&site(&by_rfc2136(&named, KEY), named.port));
    ca.wait_until_served(&server, NAME);
    assert_eq!(ca.pebble.issued(), 1);
    let log = named.log();
    let changes = |what: &str| log.matches(what).count();
    assert_eq!(
        changes("adding an RR at '_acme-challenge.example.com' TXT"),
        1,
        "{log}"
    );
    assert_eq!(
        changes("deleting an RR at _acme-challenge.example.com TXT"),
        1,
        "{log}"
    );
}

#[test]
fn a_dns_server_that_does_not_know_the_key_is_quoted() {
    if is_real_caddy() {
        return;
    }
    let named = Named::start("example.com");
    let ca = Site::with(|mut knobs| {
        knobs.dns = named.port;
        knobs
    });
    let server = ca.run(&site(&by_rfc2136(&named, "c2VjcmV0"), named.port));
    wait_for_line(&server, WILDCARD, &["dns-01", "does not change"]);
    assert_eq!(ca.pebble.validations("example.com"), 0);
}
