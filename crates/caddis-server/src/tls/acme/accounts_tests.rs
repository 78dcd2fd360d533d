//! Accounts as they are kept: Caddy's are found, and ours are like them.

use std::path::Path;

use serde_json::Value;

use super::accounts::{Accounts, Holder};
use crate::tls::Storage;
use crate::tls::acme::certificate_authority::CertificateAuthority;
use crate::tls::acme::client::Client;
use crate::tls::acme::roots::client;

/// What Caddy 2.11.4 wrote when it registered at Pebble.
const RECORDED: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../testdata/acme/caddy-2.11.4"
);
const CA: &str = "https://127.0.0.1:14100/dir";

fn with<T>(data: &Path, email: &str, look: impl Fn(Holder<'_>) -> T) -> T {
    let storage = Storage::of(&caddis_ir::Config::default(), data);
    look(Holder {
        ca: &CertificateAuthority::new(CA),
        email,
        storage: &storage,
        client: &Client::new(&client(&[]).unwrap()),
        external: None,
    })
}

fn json(text: Option<String>) -> Value {
    serde_json::from_str(&text.unwrap()).unwrap()
}

#[test]
fn an_account_of_caddy_is_found_with_its_key() {
    with(Path::new(RECORDED), "me@example.test", |holder| {
        let url = holder.kept().unwrap().unwrap();
        assert!(
            url.starts_with("https://127.0.0.1:14100/my-account/"),
            "{url}"
        );
        holder.key().unwrap();
    });
}

#[test]
fn an_account_is_written_as_caddy_writes_it() {
    let data = tempfile::tempdir().unwrap();
    let theirs = with(Path::new(RECORDED), "me@example.test", |holder| {
        json(holder.storage.read(&holder.place("json")).unwrap())
    });
    let location = theirs["location"].as_str().unwrap();
    let ours = with(data.path(), "me@example.test", |holder| {
        holder.keep(location).unwrap();
        json(holder.storage.read(&holder.place("json")).unwrap())
    });
    // A list of orders, which a server need not give and which is of no use later.
    let mut theirs = theirs.clone();
    theirs.as_object_mut().unwrap().shift_remove("orders");
    assert_eq!(ours, theirs);
}

#[test]
fn a_key_is_kept_before_it_is_used_and_used_again() {
    let data = tempfile::tempdir().unwrap();
    with(data.path(), "", |holder| {
        let place = "acme/127.0.0.1-14100-dir/users/default/default.key";
        assert_eq!(holder.storage.read(place).unwrap(), None);
        let first = holder.key().unwrap().to_pkcs8v1().unwrap();
        let kept = holder.storage.read(place).unwrap().unwrap();
        assert!(kept.starts_with("-----BEGIN EC PRIVATE KEY-----\n"));
        let second = holder.key().unwrap().to_pkcs8v1().unwrap();
        assert_eq!(first.as_ref(), second.as_ref());
    });
}

#[test]
fn a_key_that_cannot_be_used_is_named_and_left_alone() {
    let data = tempfile::tempdir().unwrap();
    with(data.path(), "", |holder| {
        holder.storage.write(&holder.place("key"), "mine").unwrap();
        let fault = holder.key().unwrap_err();
        assert!(fault.contains("/users/default/default.key: "), "{fault}");
        let kept = holder.storage.read(&holder.place("key")).unwrap();
        assert_eq!(kept.as_deref(), Some("mine"));
    });
}

#[tokio::test]
async fn an_account_that_the_server_has_forgotten_is_registered_again_with_its_key() {
    let data = tempfile::tempdir().unwrap();
    let storage = Storage::of(&caddis_ir::Config::default(), data.path());
    let holder = Holder {
        ca: &CertificateAuthority::new(CA),
        email: "",
        storage: &storage,
        client: &Client::new(&client(&[]).unwrap()),
        external: None,
    };
    holder.keep("https://127.0.0.1:14100/my-account/1").unwrap();
    let key = holder.key().unwrap().to_pkcs8v1().unwrap();
    let accounts = Accounts::default();
    accounts
        .is_unknown(holder, "https://127.0.0.1:14100/my-account/2")
        .await;
    assert!(holder.kept().unwrap().is_some());
    accounts
        .is_unknown(holder, "https://127.0.0.1:14100/my-account/1")
        .await;
    assert_eq!(holder.kept().unwrap(), None);
    assert_eq!(
        holder.key().unwrap().to_pkcs8v1().unwrap().as_ref(),
        key.as_ref()
    );
}
