//! The list of modules has what can be read, namespace by namespace, and nothing else.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::BTreeSet;

use caddis_ir::{Config, MODULES};
use serde_json::Value;

/// Where in a config the modules of a namespace stand.
#[derive(Clone, Copy)]
enum Place {
    Config,
    Server,
    Handler,
    Clients,
    Log,
    Tls,
    Policy,
}

use Place::{Clients, Handler, Log, Policy, Server, Tls};

/// Each namespace, with a module in it that nothing has.
const NAMESPACES: &[(&str, Place, &str)] = &[
    ("", Place::Config, r#"{"apps": {"nobodys": {}}}"#),
    (
        "caddy.config_loaders",
        Place::Config,
        r#"{"admin": {"config": {"load": {"module": "nobodys"}}}}"#,
    ),
    (
        "caddy.listeners",
        Server,
        r#"{"listener_wrappers": [{"wrapper": "nobodys"}]}"#,
    ),
    (
        "caddy.logging.cores",
        Log,
        r#"{"core": {"module": "nobodys"}}"#,
    ),
    (
        "caddy.logging.encoders",
        Log,
        r#"{"encoder": {"format": "nobodys"}}"#,
    ),
    (
        "caddy.logging.encoders.filter",
        Log,
        r#"{"encoder": {"format": "filter", "fields": {"a": {"filter": "nobodys"}}}}"#,
    ),
    (
        "caddy.logging.writers",
        Log,
        r#"{"writer": {"output": "nobodys"}}"#,
    ),
    (
        "caddy.network_proxy",
        Policy,
        r#"{"issuers": [{"module": "acme", "network_proxy": {"from": "nobodys"}}]}"#,
    ),
    (
        "caddy.storage",
        Place::Config,
        r#"{"storage": {"module": "nobodys"}}"#,
    ),
    (
        "http.authentication.hashes",
        Handler,
        r#"{"handler": "authentication", "providers": {"http_basic": {"hash": {"algorithm": "nobodys"}}}}"#,
    ),
    (
        "http.authentication.providers",
        Handler,
        r#"{"handler": "authentication", "providers": {"nobodys": {}}}"#,
    ),
    (
        "http.encoders",
        Handler,
        r#"{"handler": "encode", "encodings": {"nobodys": {}}}"#,
    ),
    ("http.handlers", Handler, r#"{"handler": "nobodys"}"#),
    (
        "http.ip_sources",
        Server,
        r#"{"trusted_proxies": {"source": "nobodys"}}"#,
    ),
    (
        "http.matchers",
        Server,
        r#"{"routes": [{"match": [{"nobodys": {}}]}]}"#,
    ),
    (
        "http.precompressed",
        Handler,
        r#"{"handler": "file_server", "precompressed": {"nobodys": {}}}"#,
    ),
    (
        "http.reverse_proxy.selection_policies",
        Handler,
        r#"{"handler": "reverse_proxy", "load_balancing": {"selection_policy": {"policy": "nobodys"}}}"#,
    ),
    (
        "http.reverse_proxy.transport",
        Handler,
        r#"{"handler": "reverse_proxy", "transport": {"protocol": "nobodys"}}"#,
    ),
    (
        "http.reverse_proxy.upstreams",
        Handler,
        r#"{"handler": "reverse_proxy", "dynamic_upstreams": {"source": "nobodys"}}"#,
    ),
    (
        "tls.ca_pool.source",
        Clients,
        r#"{"ca": {"provider": "nobodys"}}"#,
    ),
    (
        "tls.certificates",
        Tls,
        r#"{"certificates": {"nobodys": {}}}"#,
    ),
    (
        "tls.client_auth.verifier",
        Clients,
        r#"{"verifiers": [{"verifier": "nobodys"}]}"#,
    ),
    (
        "tls.ech.publishers",
        Tls,
        r#"{"encrypted_client_hello": {"publication": [{"publishers": {"nobodys": {}}}]}}"#,
    ),
    (
        "tls.get_certificate",
        Policy,
        r#"{"get_certificate": [{"via": "nobodys"}]}"#,
    ),
    (
        "tls.handshake_match",
        Server,
        r#"{"tls_connection_policies": [{"match": {"nobodys": {}}}]}"#,
    ),
    (
        "tls.issuance",
        Policy,
        r#"{"issuers": [{"module": "nobodys"}]}"#,
    ),
    (
        "tls.leaf_cert_loader",
        Clients,
        r#"{"verifiers": [{"verifier": "leaf", "leaf_certs_loaders": [{"loader": "nobodys"}]}]}"#,
    ),
    (
        "tls.permission",
        Tls,
        r#"{"automation": {"on_demand": {"permission": {"module": "nobodys"}}}}"#,
    ),
    (
        "tls.stek",
        Tls,
        r#"{"session_tickets": {"key_source": {"provider": "nobodys"}}}"#,
    ),
];

/// Modules that stand in no config, and one whose name is no namespace.
const ELSEWHERE: &[&str] = &["admin.api.", "caddy.adapters.", "caddy.filesystems"];

/// The one module that is read and not listed: Caddy has it for its own tests.
const NOT_LISTED: &str = "caddy.logging.cores.mock";

fn config(place: Place, part: &str) -> String {
    let server = |part: &str| format!(r#"{{"apps": {{"http": {{"servers": {{"a": {part}}}}}}}}}"#);
    let tls = |part: &str| format!(r#"{{"apps": {{"tls": {part}}}}}"#);
    match place {
        Place::Config => part.to_owned(),
        Server => server(part),
        Handler => server(&format!(r#"{{"routes": [{{"handle": [{part}]}}]}}"#)),
        Clients => server(&format!(
            r#"{{"tls_connection_policies": [{{"client_authentication": {part}}}]}}"#
        )),
        Log => format!(r#"{{"logging": {{"logs": {{"a": {part}}}}}}}"#),
        Tls => tls(part),
        Policy => tls(&format!(r#"{{"automation": {{"policies": [{part}]}}}}"#)),
    }
}

/// The modules that a namespace has: those that the error about another one names.
fn read(namespace: &str, json: &str) -> BTreeSet<String> {
    let json: Value = serde_json::from_str(json).unwrap();
    let error = serde_json::from_value::<Config>(json)
        .unwrap_err()
        .to_string();
    let Some((_, names)) = error.split_once("`nobodys`, expected ") else {
        panic!("{namespace}: {error}");
    };
    let names = names.split('`').skip(1).step_by(2);
    let dot = if namespace.is_empty() { "" } else { "." };
    names
        .map(|name| format!("{namespace}{dot}{name}"))
        .collect()
}

#[test]
fn the_list_has_the_modules_that_can_be_read() {
    let read = NAMESPACES
        .iter()
        .flat_map(|(namespace, place, part)| read(namespace, &config(*place, part)));
    let is_elsewhere = |name: &str| ELSEWHERE.iter().any(|prefix| name.starts_with(prefix));
    let read: BTreeSet<String> = read
        .filter(|name| !is_elsewhere(name) && name != NOT_LISTED)
        .collect();
    let listed = MODULES.iter().filter(|name| !is_elsewhere(name));
    let listed: BTreeSet<String> = listed.map(|name| (*name).to_owned()).collect();
    assert_eq!(read, listed);
}
