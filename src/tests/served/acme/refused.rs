//! What happens when there is no certificate to be had.

use std::thread;
use std::time::{Duration, Instant};

use crate::acme::site::{Site, sites, wait_for_line};
use crate::pebble::{Knobs, Pebble};
use crate::server::{Launch, Server, free_port, is_real_caddy};

const NAME: &str = "ollama.example.com";
const BLOCKED: &str = "blocked.example.com";
/// Caddy tries again after a minute.
const NEXT_TRY: Duration = Duration::from_secs(90);
/// Loops that try again and again have failed four times by then.
const A_WHILE: Duration = Duration::from_secs(15);
const MOST_FAILURES: usize = 3;

#[test]
fn a_ca_that_cannot_reach_the_server_is_quoted_with_what_to_check() {
    let (site, server) = unreachable();
    for challenge in ["tls-alpn-01", "http-01"] {
        let said = if challenge == "http-01" {
            "connection refused"
        } else {
            "Failed to connect"
        };
        let line = wait_for_line(&server, NAME, &[challenge, said]);
        assert_helps(&line);
        // The guide looks for it with `grep -i acme`.
        assert!(line.to_lowercase().contains("acme"), "{line}");
    }
    assert_eq!(site.pebble.issued(), 0);
}

#[test]
fn a_name_fails_at_most_three_validations_however_long_one_waits() {
    let (site, server) = unreachable();
    wait_for_line(&server, NAME, &["http-01"]);
    let start = Instant::now();
    while start.elapsed() < A_WHILE {
        let failed = site.pebble.validations(NAME);
        assert!(failed <= MOST_FAILURES, "{failed} failed\n{}", server.log());
        thread::sleep(Duration::from_millis(100));
    }
    assert!(site.pebble.validations(NAME) > 0);
}

#[test]
fn a_name_fails_at_most_three_validations_however_often_the_server_is_started() {
    let (site, server) = unreachable();
    let mut starts = vec![server];
    for _ in 0..2 {
        wait_for_line(&starts[0], NAME, &["could not get certificate"]);
        starts.clear();
        starts.push(site.run(&sites(&[NAME])));
    }
    let line = wait_for_line(&starts[0], NAME, &["could not get certificate"]);
    let failed = site.pebble.validations(NAME);
    if is_real_caddy() {
        // Caddy begins to count anew at every start.
        assert!(failed > MOST_FAILURES, "{failed}");
        return;
    }
    assert!(line.contains("three validations have failed"), "{line}");
    assert_eq!(failed, MOST_FAILURES);
}

#[test]
fn a_name_that_the_ca_forbids_is_quoted_and_does_not_hinder_others() {
    let site = Site::with(|mut knobs| {
        knobs.blocked = &[BLOCKED];
        knobs
    });
    let server = site.run_several(&sites(&[BLOCKED, NAME]));
    site.wait_until_served(&server, NAME);
    wait_for_line(
        &server,
        BLOCKED,
        &["rejectedIdentifier", "forbidden by policy"],
    );
    assert_eq!(site.pebble.validations(BLOCKED), 0);
}

#[test]
fn a_ca_that_is_down_at_the_start_is_asked_again() {
    let launch = Launch::new(free_port(), free_port());
    let pebble = Pebble::down(Knobs::asking(launch.http, launch.https));
    let mut site = Site { pebble, launch };
    let server = site.run(&sites(&[NAME]));
    let line = wait_for_line(&server, NAME, &["/dir"]);
    assert!(line.to_lowercase().contains("refused"), "{line}");
    site.pebble.come_up();
    site.wait_longer(&server, NAME, NEXT_TRY);
    assert_eq!((site.pebble.orders(), site.pebble.accounts()), (1, 1));
}

#[test]
fn a_name_without_a_certificate_is_refused_with_an_alert() {
    let site = Site::with(|mut knobs| {
        knobs.blocked = &[BLOCKED];
        knobs
    });
    let server = site.run(&sites(&[BLOCKED]));
    wait_for_line(&server, BLOCKED, &["rejectedIdentifier"]);
    let error = site.get(BLOCKED).expect_err("it has no certificate");
    assert!(error.contains("alert"), "{error}");
}

#[test]
fn plain_sites_are_served_while_the_ca_is_down() {
    let launch = Launch::new(free_port(), free_port());
    let pebble = Pebble::down(Knobs::asking(launch.http, launch.https));
    let site = Site { pebble, launch };
    let plain = "http://plain.example.com {\n\trespond hello\n}\n";
    let server = site.run(&(sites(&[NAME]) + plain));
    wait_for_line(&server, NAME, &["/dir"]);
    let answer = crate::curl::plain(&server, "plain.example.com", "/", &[]);
    assert_eq!((answer.status, answer.body.as_str()), (200, "hello"));
}

/// A server that the CA looks for behind ports where nobody listens.
fn unreachable() -> (Site, Server) {
    let site = Site::with(|mut knobs| {
        (knobs.http, knobs.https) = (free_port(), free_port());
        knobs
    });
    let server = site.run(&sites(&[NAME]));
    (site, server)
}

/// Caddy quotes the CA; we say besides what is to be checked.
fn assert_helps(line: &str) {
    if is_real_caddy() {
        return;
    }
    let line = line.to_lowercase();
    assert!(line.contains("dns") && line.contains("port"), "{line}");
}
