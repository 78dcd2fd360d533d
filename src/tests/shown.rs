//! Whatever is served is shown: each module, field and placeholder of the code's tables stands in a case that runs.

use std::collections::BTreeSet;
use std::path::PathBuf;

use caddis_source::Sources;
use caddis_spec::Script;
use caddis_testkit::golden::{adapt_text, files, root};
use caddis_testkit::shared::say;
use caddis_testkit::side_by_side::{Case, Config};
use serde_json::Value;

/// What the comparison with Caddy cannot show, and the test that shows it.
const ELSEWHERE: &[(&str, &str)] = &[
    ("/admin/listen", "src/tests/served/admin/guests.rs"),
    ("/admin/enforce_origin", "src/tests/served/admin/guests.rs"),
    ("/admin/origins", "src/tests/served/admin/guests.rs"),
    ("/admin/config", "src/tests/served/life/resume.rs"),
    ("/admin/config/persist", "src/tests/served/life/resume.rs"),
    (
        "listener_wrappers:http_redirect",
        "crates/caddis-server/src/listen/wrappers.rs",
    ),
    (
        "listener_wrappers:http_redirect/max_header_bytes",
        "crates/caddis-server/src/listen/wrappers.rs",
    ),
    ("handle:rate_limit", "src/tests/served/guards.rs"),
    ("rate_limit/rate_limits", "src/tests/served/guards.rs"),
    ("rate_limits/key", "src/tests/served/guards.rs"),
    ("rate_limits/window", "src/tests/served/guards.rs"),
    ("rate_limits/max_events", "src/tests/served/guards.rs"),
    (
        "rate_limits/match",
        "crates/caddis-server/src/handlers/rate_limit.rs",
    ),
    (
        "rate_limit/jitter",
        "crates/caddis-server/src/handlers/rate_limit.rs",
    ),
    (
        "rate_limit/sweep_interval",
        "crates/caddis-server/src/handlers/rate_limit.rs",
    ),
    (
        "rate_limit/log_key",
        "crates/caddis-server/src/handlers/rate_limit.rs",
    ),
    (
        "request_body/read_timeout",
        "crates/caddis-server/src/handlers/request_body_times.rs",
    ),
    (
        "request_body/write_timeout",
        "crates/caddis-server/src/handlers/request_body_times.rs",
    ),
    ("tls/ca:http", "crates/caddis-server/src/tls/ca_pool.rs"),
    (
        "ca:http/endpoints",
        "crates/caddis-server/src/tls/ca_pool.rs",
    ),
    ("ca:http/tls", "crates/caddis-server/src/tls/ca_pool.rs"),
    ("ca:http/tls/ca", "crates/caddis-server/src/tls/ca_pool.rs"),
    (
        "ca:http/tls/insecure_skip_verify",
        "crates/caddis-server/src/tls/ca_pool.rs",
    ),
    (
        "ca:http/tls/handshake_timeout",
        "crates/caddis-server/src/tls/ca_pool.rs",
    ),
    (
        "ca:http/tls/server_name",
        "crates/caddis-server/src/tls/ca_pool.rs",
    ),
    (
        "ca:http/tls/renegotiation",
        "crates/caddis-server/src/tls/ca_pool.rs",
    ),
    ("tls/ca:system", "crates/caddis-server/src/tls/ca_pool.rs"),
    (
        "tls/root_ca_pool",
        "crates/caddis-server/src/tls/ca_pool.rs",
    ),
    (
        "transport:http/forward_proxy_url",
        "crates/caddis-server/src/handlers/reverse_proxy/forward.rs",
    ),
    (
        "policies/must_staple",
        "crates/caddis-server/src/tls/issue.rs",
    ),
    (
        "policies/ocsp_overrides",
        "crates/caddis-server/src/tls/ocsp/stapling.rs",
    ),
    (
        "automation/ocsp_interval",
        "src/tests/served/acme/revoked.rs",
    ),
    ("handle:tracing", "src/tests/served/tracing.rs"),
    ("tracing/span", "src/tests/served/tracing.rs"),
    ("tracing/span_attributes", "src/tests/served/tracing.rs"),
    ("tls/dns", "src/tests/served/acme/by_dns.rs"),
    ("dns:exec", "src/tests/served/acme/by_dns.rs"),
    ("dns:exec/command", "src/tests/served/acme/by_dns.rs"),
    ("dns:rfc2136", "src/tests/served/acme/by_dns.rs"),
    ("dns:rfc2136/key_name", "src/tests/served/acme/by_dns.rs"),
    ("dns:rfc2136/key_alg", "src/tests/served/acme/by_dns.rs"),
    ("dns:rfc2136/key", "src/tests/served/acme/by_dns.rs"),
    ("dns:rfc2136/server", "src/tests/served/acme/by_dns.rs"),
    ("apps/tls/resolvers", "src/tests/served/acme/by_dns.rs"),
    ("challenges/dns", "src/tests/served/acme/by_dns.rs"),
    ("challenges/dns/provider", "src/tests/served/acme/by_dns.rs"),
    ("challenges/dns/ttl", "src/tests/served/acme/by_dns.rs"),
    (
        "challenges/dns/propagation_delay",
        "src/tests/served/acme/by_dns.rs",
    ),
    (
        "challenges/dns/propagation_timeout",
        "src/tests/served/acme/by_dns.rs",
    ),
    (
        "challenges/dns/resolvers",
        "src/tests/served/acme/by_dns.rs",
    ),
    (
        "challenges/dns/override_domain",
        "src/tests/served/acme/by_dns.rs",
    ),
    ("issuers:acme", "src/tests/served/acme/obtained.rs"),
    ("issuers:acme/ca", "src/tests/served/acme/obtained.rs"),
    (
        "issuers:acme/acme_timeout",
        "src/tests/served/acme/obtained.rs",
    ),
    (
        "issuers:acme/challenges",
        "src/tests/served/acme/obtained.rs",
    ),
    ("challenges/http", "src/tests/served/acme/obtained.rs"),
    (
        "challenges/http/disabled",
        "src/tests/served/acme/obtained.rs",
    ),
    (
        "challenges/http/alternate_port",
        "src/tests/served/acme/obtained.rs",
    ),
    ("challenges/tls-alpn", "src/tests/served/acme/obtained.rs"),
    ("challenges/bind_host", "src/tests/served/acme/obtained.rs"),
    (
        "acme/trusted_roots_pem_files",
        "src/tests/served/acme/obtained.rs",
    ),
    ("issuers:acme/email", "src/tests/served/acme/external.rs"),
    (
        "issuers:acme/profile",
        "crates/caddis-server/src/tls/acme/order_tests.rs",
    ),
    (
        "issuers:acme/external_account",
        "src/tests/served/acme/external.rs",
    ),
    (
        "external_account/key_id",
        "src/tests/served/acme/external.rs",
    ),
    (
        "external_account/mac_key",
        "src/tests/served/acme/external.rs",
    ),
    ("policies/on_demand", "src/tests/served/acme/on_demand.rs"),
    ("automation/on_demand", "src/tests/served/acme/on_demand.rs"),
    ("on_demand/ask", "src/tests/served/acme/on_demand.rs"),
    ("on_demand/permission", "src/tests/served/acme/on_demand.rs"),
    ("permission:http", "src/tests/served/acme/on_demand.rs"),
    (
        "permission:http/endpoint",
        "src/tests/served/acme/on_demand.rs",
    ),
    (
        "issuers:acme/test_ca",
        "crates/caddis-server/src/tls/acme/accounts_tests.rs",
    ),
    (
        "versions/ipv6",
        "crates/caddis-server/src/handlers/reverse_proxy/tests/dynamic.rs",
    ),
    ("preferred_chains", "crates/caddis-server/src/tls/acme"),
    (
        "preferred_chains/smallest",
        "crates/caddis-server/src/tls/acme",
    ),
    (
        "preferred_chains/root_common_name",
        "crates/caddis-server/src/tls/acme",
    ),
    (
        "preferred_chains/any_common_name",
        "crates/caddis-server/src/tls/acme",
    ),
];

/// So much is compared with the real Caddy, at least.
const MIN_REQUESTS: usize = 400;
const MIN_CONFIGS: usize = 120;

#[test]
fn every_part_of_the_json_that_is_served_stands_in_a_case() {
    let configs: Vec<_> = configs().iter().map(json).collect();
    let parts = caddis_server::shown(&configs);
    assert!(parts.len() > 100, "the table is read");
    let missing: Vec<_> = parts
        .iter()
        .filter(|(part, shown)| !shown && !is_shown_elsewhere(part))
        .map(|(part, _)| part.as_str())
        .collect();
    assert!(
        missing.is_empty(),
        "no case has these:\n{}",
        missing.join("\n")
    );
}

#[test]
fn what_is_shown_elsewhere_is_there_and_is_served() {
    let parts = caddis_server::shown(&[]);
    for (part, file) in ELSEWHERE {
        assert!(
            parts.iter().any(|(known, _)| known.ends_with(part)),
            "{part} is not in the table"
        );
        assert!(root().join(file).exists(), "{part}: there is no {file}");
    }
}

#[test]
fn every_short_placeholder_that_is_filled_stands_in_a_case() {
    let configs = configs();
    let missing: BTreeSet<_> = caddis_adapt::placeholders()
        .iter()
        .filter(|placeholder| caddis_server::fills(placeholder.long))
        .filter(|placeholder| {
            let written = ["{", placeholder.short].concat();
            let long = ["{", placeholder.long].concat();
            let mut texts = configs.iter().map(Written::text);
            !texts.any(|text| text.contains(&written) || text.contains(&long))
        })
        .map(|placeholder| placeholder.short)
        .collect();
    assert!(missing.is_empty(), "no case has these: {missing:?}");
}

#[test]
fn enough_is_compared_with_the_real_caddy() {
    let (cases, scripts) = (side_by_side(), scripts());
    let requests: usize = cases.iter().map(|case| case.exchanges.len()).sum();
    let (cases, steps) = (
        cases.len(),
        scripts.iter().map(|script| script.spec.cases.len()),
    );
    let steps: usize = steps.sum();
    say(&format!(
        "{requests} requests to {cases} configs are sent to caddis and to the real Caddy; \
         {steps} cases of {} scripts hold for both",
        scripts.len()
    ));
    assert!(requests >= MIN_REQUESTS && cases + scripts.len() >= MIN_CONFIGS);
}

/// A config as it is written, and how its text becomes JSON.
enum Written {
    Caddyfile(String),
    Json(String),
}

impl Written {
    fn text(&self) -> &str {
        match self {
            Self::Caddyfile(text) | Self::Json(text) => text,
        }
    }
}

fn is_shown_elsewhere(part: &str) -> bool {
    ELSEWHERE.iter().any(|(known, _)| part.ends_with(known))
}

fn json(config: &Written) -> Value {
    match config {
        Written::Caddyfile(text) => {
            let outcome = adapt_text("Caddyfile", text, &|_| None);
            caddis_ir::value(&outcome.adapted.config)
        }
        Written::Json(text) => serde_json::from_str(text).expect("the case is JSON"),
    }
}

fn side_by_side() -> Vec<Case> {
    let paths = files(&root().join("testdata/side_by_side"), ".requests");
    let cases = paths.iter().map(|path| Case::read(path));
    cases.collect::<Result<_, _>>().expect("cases can be read")
}

fn as_run(case: &Case) -> String {
    case.config.as_run().expect("the case can be run")
}

/// The scripts whose cases are run on the real Caddy as well as on caddis.
fn scripts() -> Vec<Script> {
    let paths = files(&root().join("testdata/serve"), ".ctest");
    let read = |path: &PathBuf| Script::read(path, &mut Sources::new());
    let scripts = paths.iter().map(read);
    scripts
        .collect::<Result<_, _>>()
        .expect("scripts can be read")
}

/// The configs of all cases: those that are run beside Caddy, and those of scripts.
fn configs() -> Vec<Written> {
    let mut configs: Vec<_> = side_by_side()
        .into_iter()
        .map(|case| match &case.config {
            Config::Caddyfile(_) => Written::Caddyfile(as_run(&case)),
            Config::Json(_) => Written::Json(as_run(&case)),
        })
        .collect();
    let scripts = scripts().into_iter();
    configs.extend(scripts.map(|script| Written::Caddyfile(script.config().to_owned())));
    configs
}
