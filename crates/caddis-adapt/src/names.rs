//! Names of sites, and which kind of certificate they can have.

use std::net::IpAddr;

/// True for an IP address.
pub(crate) fn is_ip(name: &str) -> bool {
    name.parse::<IpAddr>().is_ok()
}

/// True for a name that no public authority signs: `localhost`, `x.local`, a private address.
pub(crate) fn is_internal(name: &str) -> bool {
    let lower = name.to_lowercase();
    let name = lower.strip_suffix('.').unwrap_or(&lower);
    name == "localhost"
        || [".localhost", ".local", ".internal", ".home.arpa"]
            .iter()
            .any(|suffix| name.ends_with(suffix))
        || name.parse().is_ok_and(is_internal_ip)
}

fn is_internal_ip(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => {
            let is_unspecified = ip.octets().starts_with(&[0, 0]);
            is_unspecified || ip.is_loopback() || ip.is_private() || ip.is_link_local()
        }
        IpAddr::V6(ip) => {
            // Everything that starts with sixteen zero bits, and not only `::` and `::1`, as in Caddy.
            let is_unspecified = ip.octets().starts_with(&[0, 0]);
            is_unspecified || ip.is_unique_local() || ip.is_unicast_link_local()
        }
    }
}

/// True for a name that a public authority can sign without being asked in a special way.
pub(crate) fn is_public(name: &str, on_demand: bool) -> bool {
    !is_ip(name) && !is_internal(name) && (on_demand || name.matches("*.").count() < 2)
}

/// True for a name that some public authority signs, an address or a wildcard with two labels behind it included.
pub(crate) fn is_known_outside(name: &str) -> bool {
    let is_single_wildcard = name.matches('*').count() == 1 && name.matches('.').count() > 1;
    can_have_certificate(name) && !is_internal(name) && (!name.contains('*') || is_single_wildcard)
}

/// True for a name that a certificate can have at all.
pub(crate) fn can_have_certificate(name: &str) -> bool {
    !name.trim().is_empty()
        && !name.starts_with('.')
        && !name.ends_with('.')
        && (!name.contains('*') || name.starts_with("*.") || name == "*")
        && !name.contains(|c| "()[]{}<> \t\n\"\\!@#$%^&|;'+=".contains(c))
}

/// True for a name in a Tailscale network, whose certificates come from there.
pub(crate) fn is_tailscale(name: &str) -> bool {
    name.to_lowercase().ends_with(".ts.net")
}

/// The names that cover a name, itself first: `a.b.c`, `*.b.c`, `*.*.c`, `*.*.*`; in small letters.
pub(crate) fn covering(name: &str) -> Vec<String> {
    let name = name.to_lowercase();
    let mut labels: Vec<&str> = name.split('.').collect();
    let mut names = vec![name.clone()];
    for at in 0..labels.len() {
        if labels[at].is_empty() {
            continue;
        }
        labels[at] = "*";
        names.push(labels.join("."));
    }
    names
}

/// How much a name or a path says: its length without wildcards and placeholders.
pub(crate) fn specificity(text: &str) -> isize {
    let mut length = text.len().cast_signed() - text.matches('*').count().cast_signed();
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let Some(end) = rest[start..].find('}') else {
            break;
        };
        length -= end.cast_signed() + 1;
        rest = &rest[start + end + 1..];
    }
    length
}
