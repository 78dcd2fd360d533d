//! DNS providers, of which the packaged Caddy has none: the JSON is in the shape of its plugins.

use caddis_testkit::golden::{Outcome, adapt_text};
use serde_json::{Value, json};

const RFC2136: &str =
    "rfc2136 {\n\tserver 10.0.0.1:53\n\tkey_name test\n\tkey_alg hmac-sha256\n\tkey c2VjcmV0\n}";

fn adapt(options: &str, tls: &str) -> Outcome {
    let text = format!("{{\n{options}\n}}\n*.a.test {{\n{tls}\n}}\n");
    adapt_text("Caddyfile", &text, &|_| None)
}

/// What the TLS app has.
fn app(options: &str, tls: &str) -> Value {
    let outcome = adapt(options, tls);
    assert!(!outcome.is_refused(), "{}", outcome.findings());
    caddis_ir::value(&outcome.adapted.config)["apps"]["tls"].clone()
}

/// The issuers of the site.
fn issuers(options: &str, tls: &str) -> Value {
    app(options, tls)["automation"]["policies"][0]["issuers"].clone()
}

fn rfc2136() -> Value {
    json!({
        "name": "rfc2136", "key_name": "test", "key_alg": "hmac-sha256", "key": "c2VjcmV0", "server": "10.0.0.1:53",
    })
}

#[test]
fn a_site_names_a_provider_and_how_long_to_wait() {
    let options = "resolvers 10.0.0.2\npropagation_delay 1s\npropagation_timeout -1\ndns_ttl 1m\n\
                   dns_challenge_override_domain x.test";
    let tls = format!("tls {{\ndns exec /bin/dns --zone a.test\n{options}\n}}");
    assert_eq!(
        issuers("", &tls),
        json!([{"module": "acme", "challenges": {"dns": {
            "provider": {"name": "exec", "command": ["/bin/dns", "--zone", "a.test"]},
            "ttl": 60_000_000_000_u64,
            "propagation_delay": 1_000_000_000,
            "propagation_timeout": -1,
            "resolvers": ["10.0.0.2"],
            "override_domain": "x.test",
        }}}])
    );
}

#[test]
fn a_dns_server_has_the_options_of_its_plugin() {
    let expected = json!([{"module": "acme", "challenges": {"dns": {"provider": rfc2136()}}}]);
    assert_eq!(issuers("", &format!("tls {{\ndns {RFC2136}\n}}")), expected);
    let issuer = format!("tls {{\nissuer acme {{\ndns {RFC2136}\n}}\n}}");
    assert_eq!(issuers("", &issuer), expected);
    assert_eq!(issuers(&format!("acme_dns {RFC2136}"), ""), expected);
}

#[test]
fn all_sites_may_have_one_provider() {
    let app = app(&format!("dns {RFC2136}\nacme_dns"), "");
    assert_eq!(app["dns"], rfc2136());
    let issuers = &app["automation"]["policies"][0]["issuers"];
    assert_eq!(
        *issuers,
        json!([{"module": "acme", "challenges": {"dns": {}}}])
    );
}

#[test]
fn what_is_wrong_is_refused() {
    for dns in [
        "dns",
        "dns exec",
        "dns rfc2136 x",
        "dns rfc2136 {\nserver\n}",
        "dns rfc2136 {\nservr x\n}",
        "dns rfc2136 {\nkey a b\n}",
        "dns cloudflare x",
        "propagation_delay 1s",
    ] {
        assert!(
            adapt("", &format!("tls {{\n{dns}\n}}")).is_refused(),
            "{dns}"
        );
    }
    assert!(adapt("acme_dns", "").is_refused());
}
