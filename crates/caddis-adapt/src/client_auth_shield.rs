//! A wildcard's `client_auth` is not for sites under it that say nothing of TLS connections.

use caddis_ir::{ClientAuthentication, ConnectionMatch, ConnectionPolicy};

use crate::connection_policies::Policy;
use crate::names;

/// Puts a policy without `client_auth` before the first one that would ask these hosts' clients for a certificate.
///
/// Caddy 2.11.4 does not yet; the newer golden `tls_client_auth_wildcard_shield_preserves_other_settings` does.
pub(crate) fn protect(policies: &mut Vec<Policy>, hosts: &[String]) {
    let mut at = 0;
    let mut left: Vec<String> = hosts.to_vec();
    left.sort_unstable();
    while at < policies.len() {
        let policy = policies[at].get();
        let (covered, others): (Vec<_>, Vec<_>) =
            left.into_iter().partition(|host| is_for(&policy, host));
        left = others;
        // A policy that names the host is meant for it, whichever of its sites says so.
        let covered: Vec<_> = covered
            .into_iter()
            .filter(|host| !names_exactly(&policy, host))
            .collect();
        if !covered.is_empty() && asks_for_certificates(&policy) {
            let shield = ConnectionPolicy {
                matchers: Some(ConnectionMatch {
                    sni: covered,
                    ..ConnectionMatch::default()
                }),
                client_authentication: None,
                ..policy
            };
            let span = policies[at].span;
            policies.insert(at, Policy::new(shield, span));
            at += 1;
        }
        at += 1;
    }
}

fn names_exactly(policy: &ConnectionPolicy, host: &str) -> bool {
    let mut sni = policy.matchers.iter().flat_map(|matchers| &matchers.sni);
    sni.any(|name| name.to_lowercase() == host.to_lowercase())
}

/// True if `client_auth` says anything; an empty one asks nobody.
fn asks_for_certificates(policy: &ConnectionPolicy) -> bool {
    let client = policy.client_authentication.as_ref();
    client.is_some_and(|client| *client != ClientAuthentication::default())
}

/// True if the policy is for a wildcard over the host, or for the host itself.
fn is_for(policy: &ConnectionPolicy, host: &str) -> bool {
    let sni = policy.matchers.iter().flat_map(|matchers| &matchers.sni);
    let covering = names::covering(host);
    sni.into_iter()
        .any(|name| covering.contains(&name.to_lowercase()))
}
