//! A wildcard's `client_auth` is not for sites under it that say nothing of TLS connections.

use caddis_ir::{ConnectionMatch, ConnectionPolicy};

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
        if !covered.is_empty() && policy.client_authentication.is_some() {
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

/// True if the policy is for a wildcard over the host, or for the host itself.
fn is_for(policy: &ConnectionPolicy, host: &str) -> bool {
    let sni = policy.matchers.iter().flat_map(|matchers| &matchers.sni);
    let covering = names::covering(host);
    sni.into_iter()
        .any(|name| covering.contains(&name.to_lowercase()))
}
