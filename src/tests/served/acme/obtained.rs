//! How certificates are obtained.

use crate::acme::site::{Site, sites};
use crate::curl::plain;
use crate::server::free_port;
use crate::tls::{ACME_TLS, Client};

const NAME: &str = "ollama.example.com";

/// A site that proves itself in one way only.
fn without(challenge: &str) -> String {
    format!(
        "{NAME} {{\n\ttls {{\n\t\tissuer acme {{\n\t\t\t{challenge}\n\t\t}}\n\t}}\n\trespond hello\n}}\n"
    )
}

#[test]
fn a_name_is_proven_over_tls() {
    let site = Site::with(|mut knobs| {
        knobs.http = free_port();
        knobs
    });
    let server = site.run(&without("disable_http_challenge"));
    site.wait_until_served(&server, NAME);
    assert_eq!(site.pebble.orders(), 1);
    assert_eq!(site.pebble.validations(NAME), 1);
}

#[test]
fn a_name_is_proven_over_plain_http() {
    let site = Site::with(|mut knobs| {
        knobs.https = free_port();
        knobs
    });
    let server = site.run(&without("disable_tlsalpn_challenge"));
    site.wait_until_served(&server, NAME);
    assert_eq!(site.pebble.orders(), 1);
    assert_eq!(site.pebble.validations(NAME), 1);
}

#[test]
fn a_name_that_cannot_be_reached_over_http_is_proven_over_tls_in_the_end() {
    let site = Site::with(|mut knobs| {
        knobs.http = free_port();
        knobs
    });
    let server = site.run(&sites(&[NAME]));
    site.wait_until_served(&server, NAME);
    assert!(site.pebble.validations(NAME) <= 2);
}

#[test]
fn a_name_that_cannot_be_reached_over_tls_is_proven_over_http_in_the_end() {
    let site = Site::with(|mut knobs| {
        knobs.https = free_port();
        knobs
    });
    let server = site.run(&sites(&[NAME]));
    site.wait_until_served(&server, NAME);
    assert!(site.pebble.validations(NAME) <= 2);
}

#[test]
fn several_sites_get_their_certificates_at_once_and_share_an_account() {
    let names = [
        "a.example.com",
        "b.example.com",
        "c.example.com",
        "d.example.org",
        "e.example.net",
    ];
    let site = Site::new();
    let server = site.run_several(&sites(&names));
    for name in names {
        let shown = site.wait_until_served(&server, name);
        assert_eq!(shown, site.kept(name));
    }
    assert_eq!((site.pebble.orders(), site.pebble.issued()), (5, 5));
    assert_eq!(site.pebble.accounts(), 1);
}

#[test]
fn a_ca_may_refuse_every_third_good_nonce() {
    let names = ["a.example.com", "b.example.com", "c.example.com"];
    let site = Site::with(|mut knobs| {
        knobs.bad_nonces = 30;
        knobs
    });
    let server = site.run_several(&sites(&names));
    for name in names {
        site.wait_until_served(&server, name);
    }
    assert_eq!(site.pebble.issued(), 3);
    assert_eq!(site.pebble.accounts(), 1);
}

#[test]
fn names_of_the_ca_and_of_the_servers_own_are_served_side_by_side() {
    let site = Site::new();
    let internal = "internal.example.com {\n\ttls internal\n\trespond hello\n}\n";
    let options = "\tskip_install_trust\n";
    let config = site.config(options, &(sites(&[NAME]) + internal));
    let server = site.launch.run(&config);
    site.wait_until_served(&server, NAME);
    let own = Client::new(&server.root(), &[]);
    let get = |name| own.get(site.launch.https, name, "/");
    assert_eq!(
        get("internal.example.com").map(|shown| shown.status),
        Ok(200)
    );
    assert!(get(NAME).is_err(), "it is signed by the server itself");
    assert!(site.get("internal.example.com").is_err());
    assert_eq!(site.pebble.issued(), 1);
}

#[test]
fn who_asks_for_a_challenge_that_is_not_under_way_gets_no_certificate() {
    let site = Site::new();
    let server = site.run(&sites(&[NAME]));
    site.wait_until_served(&server, NAME);
    let port = site.launch.https;
    let prober = Client::new(&site.pebble.root(), &[ACME_TLS]);
    for name in [NAME, "other.example.com"] {
        let error = prober
            .get(port, name, "/")
            .expect_err("it shows a certificate");
        assert!(error.contains("alert"), "{name}: {error}");
    }
    let both = Client::new(&site.pebble.root(), &[ACME_TLS, b"http/1.1"]);
    let shown = both.get(port, NAME, "/").expect("it is served");
    assert_eq!(shown.protocol.as_deref(), Some(b"http/1.1".as_slice()));
}

#[test]
fn who_asks_for_a_token_that_is_not_under_way_is_sent_on_as_for_any_path() {
    let site = Site::new();
    let server = site.run(&sites(&[NAME]));
    site.wait_until_served(&server, NAME);
    let path = "/.well-known/acme-challenge/unknown";
    for host in [NAME, "other.example.com"] {
        let answer = plain(&server, host, path, &[]);
        assert_eq!(answer.status, 308, "{host}");
        let https = format!("https://{host}{path}");
        assert_eq!(answer.field("location"), Some(https.as_str()));
    }
}

#[test]
fn an_address_is_proven_in_both_ways() {
    for without in ["disable_http_challenge", "disable_tlsalpn_challenge"] {
        let site = Site::new();
        let server = site.run(&self::without(without).replace(NAME, "127.0.0.1"));
        let shown = site.wait_until_served(&server, "127.0.0.1");
        assert_eq!(shown, site.kept("127.0.0.1"));
    }
}
