//! What to look at when an ACME server did not find that a name is ours.

use super::proof::Kind;

/// What to look at after a challenge has failed with a problem of that type.
pub(super) fn after(problem: Option<&str>, challenge: Kind, name: &str) -> String {
    match problem {
        Some("dns") if challenge != Kind::Dns => {
            format!(
                "does `{name}` exist? its DNS A and AAAA records must have the addresses of this server"
            )
        }
        Some("caa") => {
            format!(
                "the DNS CAA record of `{name}`, or of the domain above it, must allow this authority"
            )
        }
        Some(_) | None => reachable(challenge, name),
    }
}

fn reachable(challenge: Kind, name: &str) -> String {
    let (port, how) = match challenge {
        Kind::TlsAlpn => (443, " without a proxy in between that ends TLS"),
        Kind::Http => (80, ""),
        Kind::Dns => {
            return format!(
                "the TXT record `_acme-challenge` of `{name}` must be seen from outside: does the DNS provider change \
                 the zone that the world asks? if it takes long to get there, write a `propagation_delay`"
            );
        }
    };
    format!(
        "port {port} of `{name}` must reach this server from outside{how}: look at its DNS A and AAAA records, the \
         firewall and the router's port forwarding"
    )
}
