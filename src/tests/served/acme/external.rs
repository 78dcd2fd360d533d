//! Accounts at a CA that wants to know an account elsewhere (EAB).

use crate::acme::site::{Site, sites, wait_for_line};

const NAME: &str = "ollama.example.com";
const ID: &str = "kid-1";
const KEY: &str = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

fn site() -> Site {
    Site::with(|mut knobs| {
        knobs.accounts = &[(ID, KEY)];
        knobs
    })
}

fn options(key: &str) -> String {
    format!("\temail me@example.com\n\tacme_eab {{\n\t\tkey_id {ID}\n\t\tmac_key {key}\n\t}}\n")
}

#[test]
fn who_has_an_account_there_gets_certificates() {
    let site = site();
    let server = site
        .launch
        .run(&site.config(&options(KEY), &sites(&[NAME])));
    site.wait_until_served(&server, NAME);
    drop(server);
    let other = "other.example.com";
    let server = site
        .launch
        .run(&site.config(&options(KEY), &sites(&[NAME, other])));
    site.wait_until_served(&server, other);
    assert_eq!(site.pebble.accounts(), 1);
}

#[test]
fn a_secret_that_is_not_the_right_one_is_refused_with_what_the_ca_says() {
    let site = site();
    let wrong = KEY.replace('z', "y");
    let server = site
        .launch
        .run(&site.config(&options(&wrong), &sites(&[NAME])));
    wait_for_line(&server, NAME, &["unauthorized"]);
    assert_eq!(site.pebble.accounts(), 0);
}

#[test]
fn a_ca_that_wants_an_account_says_so() {
    let site = site();
    let server = site.run(&sites(&[NAME]));
    wait_for_line(&server, NAME, &["externalAccountRequired"]);
}

#[test]
fn a_ca_that_is_down_gives_way_to_the_next_issuer() {
    let site = Site::new();
    let down = crate::server::free_port();
    let second = site.pebble.issuer();
    let config = format!(
        "{NAME} {{\n\ttls {{\n\t\tissuer acme https://127.0.0.1:{down}/dir\n{second}\t}}\n\trespond hello\n}}\n"
    );
    let server = site.run(&config);
    site.wait_until_served(&server, NAME);
    assert_eq!(site.pebble.issued(), 1);
}
