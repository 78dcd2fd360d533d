//! The tables have what Caddy 2.11 has: its modules, and the names of its directives, matchers and global options.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::BTreeSet;

use caddis_adapt::{directives, matchers, options};
use caddis_testkit::oracle::{Answer, Form, Oracle};

/// Modules of Caddy's build that caddis does not read, and why.
const NOT_READ: &[&str] = &[
    // Writes nothing; it is there for tests of Caddy's own.
    "caddy.logging.cores.mock",
];

/// Modules that caddis reads and the packaged Caddy does not have: it is built without `OpenTelemetry` and plugins.
const MORE: &[&str] = &["http.handlers.rate_limit", "http.handlers.tracing"];

/// <https://caddyserver.com/docs/caddyfile/directives>, with those that stand on pages of their own.
const DIRECTIVES: &str = "abort acme_server basic_auth basicauth bind copy_response copy_response_headers encode error \
    file_server forward_auth fs handle handle_errors handle_path header intercept invoke log log_append log_name log_skip \
    map method metrics php_fastcgi push redir request_body request_header respond reverse_proxy rewrite root route \
    skip_log templates tls tracing try_files uri vars";

/// <https://caddyserver.com/docs/caddyfile/matchers>
const MATCHERS: &str = "client_ip expression file header header_regexp host method not path path_regexp protocol query \
    remote_ip tls vars vars_regexp";

/// <https://caddyserver.com/docs/caddyfile/options>
const OPTIONS: &str = "acme_ca acme_ca_root acme_dns acme_eab admin auto_https cert_issuer cert_lifetime debug default_bind \
    default_sni dns ech email events fallback_sni filesystem grace_period http_port https_port key_type local_certs log \
    metrics ocsp_interval ocsp_stapling on_demand_tls order persist_config pki preferred_chains renew_interval \
    renewal_window_ratio servers shutdown_delay skip_install_trust storage storage_check storage_clean_interval \
    tls_resolvers";

#[test]
fn the_modules_are_those_that_caddy_lists() {
    let listed = Oracle::find().unwrap().modules().unwrap();
    assert!(listed.len() > 100, "{listed:?}");
    let listed = listed.iter().map(String::as_str);
    let expected: BTreeSet<&str> = listed
        .filter(|name| !NOT_READ.contains(name))
        .chain(MORE.iter().copied())
        .collect();
    let ours: BTreeSet<&str> = caddis_ir::MODULES.iter().copied().collect();
    assert_eq!(ours, expected);
}

#[test]
fn the_directives_are_caddys() {
    let names = directives()
        .iter()
        .map(|entry| (entry.name, entry.old_names));
    let ours = names.flat_map(|(name, old)| [name].into_iter().chain(old.iter().copied()));
    // Caddy has it from a plugin.
    let ours = ours.filter(|name| *name != "rate_limit");
    assert_eq!(sorted(ours), sorted(DIRECTIVES.split_whitespace()));
}

#[test]
fn the_matchers_are_caddys() {
    let ours = matchers().iter().map(|entry| entry.name);
    assert_eq!(sorted(ours), sorted(MATCHERS.split_whitespace()));
}

#[test]
fn the_global_options_are_caddys() {
    let ours = options().iter().map(|entry| entry.name);
    assert_eq!(sorted(ours), sorted(OPTIONS.split_whitespace()));
}

/// The lists above are not out of date: Caddy knows each of these words.
#[test]
fn caddy_knows_every_name_in_these_lists() {
    let in_site = |name: &str| format!("a.test {{\n{name}\n}}\n");
    let in_matcher = |name: &str| format!("a.test {{\n@m {name}\nrespond @m hi\n}}\n");
    let in_options = |name: &str| format!("{{\n{name}\n}}\n");
    let directives = DIRECTIVES.split_whitespace();
    let asked = directives
        // The packaged Caddy is built without it.
        .filter(|name| *name != "tracing")
        .map(|name| (name, in_site(name), "unrecognized directive"))
        .chain(
            (MATCHERS.split_whitespace())
                .map(|name| (name, in_matcher(name), "module not registered")),
        )
        .chain(
            (OPTIONS.split_whitespace())
                .map(|name| (name, in_options(name), "unrecognized global option")),
        );
    let unknown = asked.filter(|(_, text, refusal)| refuses(text, refusal));
    let unknown: Vec<_> = unknown.map(|(name, _, _)| name).collect();
    assert_eq!(unknown, Vec::<&str>::new());
    assert!(refuses(&in_site("nobodys"), "unrecognized directive"));
    assert!(refuses(&in_matcher("nobodys"), "module not registered"));
    assert!(refuses(
        &in_options("nobodys"),
        "unrecognized global option"
    ));
}

/// True if Caddy refuses a Caddyfile, and says so.
fn refuses(text: &str, refusal: &str) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Caddyfile");
    std::fs::write(&file, text).unwrap();
    let answer = Oracle::find().unwrap().adapt(&file, &[], Form::Compact);
    matches!(answer.unwrap(), Answer::Error(error) if error.contains(refusal))
}

fn sorted<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_unstable();
    names
}
