//! Which of Caddy's modules are served.

use super::Runs;
use super::served::{CA_POOL, IP_SOURCE, LISTENER_WRAPPER, MATCHER_SET, STORAGE};
use super::served_automation::{ISSUER, PERMISSION};
use super::served_handlers::{HANDLER, HASH, PRECOMPRESSED, PROVIDERS};
use super::served_logs::{ENCODER, FIELD_FILTER, WRITER};
use super::served_proxy::{NETWORK_PROXY, TRANSPORT};
use super::served_tls::{
    CERTIFICATE_MANAGER, CERTIFICATES, HANDSHAKE_MATCH, LEAF_LOADER, TICKET_KEYS, VERIFIER,
};

/// Where the modules of a namespace stand in the table.
const NAMESPACES: &[(&str, &Runs)] = &[
    ("caddy.listeners", &LISTENER_WRAPPER),
    ("caddy.logging.encoders", &ENCODER),
    ("caddy.logging.encoders.filter", &FIELD_FILTER),
    ("caddy.logging.writers", &WRITER),
    ("caddy.network_proxy", &NETWORK_PROXY),
    ("caddy.storage", &STORAGE),
    ("http.authentication.hashes", &HASH),
    ("http.authentication.providers", &PROVIDERS),
    ("http.handlers", &HANDLER),
    ("http.ip_sources", &IP_SOURCE),
    ("http.matchers", &MATCHER_SET),
    ("http.precompressed", &PRECOMPRESSED),
    ("http.reverse_proxy.transport", &TRANSPORT),
    ("tls.ca_pool.source", &CA_POOL),
    ("tls.certificates", &CERTIFICATES),
    ("tls.client_auth.verifier", &VERIFIER),
    ("tls.get_certificate", &CERTIFICATE_MANAGER),
    ("tls.handshake_match", &HANDSHAKE_MATCH),
    ("tls.issuance", &ISSUER),
    ("tls.leaf_cert_loader", &LEAF_LOADER),
    ("tls.permission", &PERMISSION),
    ("tls.stek", &TICKET_KEYS),
];

/// Those that are not chosen by a name in the JSON.
const ALONE: &[&str] = &[
    "admin.api.load",
    "admin.api.metrics",
    "admin.api.pki",
    "caddy.adapters.caddyfile",
    "events",
    "http",
    "pki",
    "tls",
];

/// True if a module that Caddy calls so (`http.handlers.headers`) can be served.
pub fn serves_module(id: &str) -> bool {
    let in_namespace = |(namespace, runs): &(&str, &Runs)| {
        let name = id.strip_prefix(namespace)?.strip_prefix('.')?;
        let (Runs::Fields(names) | Runs::Module(_, names)) = runs else {
            return None;
        };
        names.iter().find(|(known, _)| *known == name)
    };
    ALONE.contains(&id) || NAMESPACES.iter().find_map(in_namespace).is_some()
}

#[cfg(test)]
mod tests {
    use super::serves_module;

    #[test]
    fn modules_are_known_by_their_whole_name() {
        for served in [
            "http",
            "http.handlers.headers",
            "http.matchers.path",
            "tls.issuance.acme",
        ] {
            assert!(serves_module(served), "{served}");
        }
        for other in [
            "",
            "headers",
            "http.handlers",
            "http.handlers.",
            "http.handlers.none",
        ] {
            assert!(!serves_module(other), "{other}");
        }
    }
}
