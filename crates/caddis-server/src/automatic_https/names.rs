//! Which names can have a certificate, and from whom.

use std::net::IpAddr;

/// What no name in a certificate can hold.
const NOT_IN_NAMES: &str = "()[]{}<> \t\n\"\\!@#$%^&|;'+=";

/// True if there can be a certificate for the name at all.
pub(super) fn can_have_certificate(name: &str) -> bool {
    !name.trim().is_empty()
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains(|c| NOT_IN_NAMES.contains(c))
        && (!name.contains('*') || name.starts_with("*.") || name == "*")
}

/// True if a public authority signs for the name; Caddy asks its own authority for the others.
pub(super) fn is_public(name: &str) -> bool {
    let stars = name.matches('*').count();
    let wildcard = stars == 1 && name.starts_with("*.") && name.matches('.').count() > 1;
    can_have_certificate(name)
        && !is_internal(name)
        && name.parse::<IpAddr>().is_err()
        && (stars == 0 || wildcard)
}

/// True if the name means something inside of a network only.
fn is_internal(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let ends = [".localhost", ".local", ".internal", ".home.arpa"];
    name == "localhost" || ends.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::is_public;

    /// Recorded from the log of Caddy 2.11.4: the issuer that it asked for each name.
    #[test]
    fn names_go_to_the_authority_that_caddy_asks() {
        for name in [
            "*.example.org",
            "a_b.example.com",
            "single",
            "x.arpa",
            "x.example",
            "x.lan",
            "x.test",
        ] {
            assert!(is_public(name), "{name}");
        }
        for name in [
            "*.*.example.com",
            "*.com",
            "*.x.internal",
            "10.1.2.3",
            "127.0.0.1",
            "::1",
            "8.8.8.8",
            "2001:4860:4860::8888",
            "a.localhost",
            "localhost",
            "x.home.arpa",
            "x.internal",
            "x.local",
        ] {
            assert!(!is_public(name), "{name}");
        }
    }
}
