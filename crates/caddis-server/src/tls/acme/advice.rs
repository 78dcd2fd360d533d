//! What to look at when an ACME server did not find that a name is ours.

use rustls_acme::acme::ChallengeType;

/// What to look at after a challenge has failed with a problem of that type.
pub(super) fn after(problem: Option<&str>, challenge: &ChallengeType, name: &str) -> String {
    match problem {
        Some("dns") => {
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

fn reachable(challenge: &ChallengeType, name: &str) -> String {
    let (port, how) = match challenge {
        ChallengeType::TlsAlpn01 => (443, " without a proxy in between that ends TLS"),
        ChallengeType::Http01 | ChallengeType::Dns01 | ChallengeType::Unknown => (80, ""),
    };
    format!(
        "port {port} of `{name}` must reach this server from outside{how}: look at its DNS A and AAAA records, the \
         firewall and the router's port forwarding"
    )
}
