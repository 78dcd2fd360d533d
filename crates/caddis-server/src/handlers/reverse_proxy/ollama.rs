//! Ollama, which many put behind this proxy: what it does that surprises them.

use std::net::IpAddr;

use http::{HeaderValue, StatusCode};
use tracing::warn;

use super::upstream::Address;
use crate::Target;

/// The port that Ollama listens on.
pub(super) const PORT: u16 = 11434;

/// Whether a host is this machine.
pub(super) fn is_here(host: &str) -> bool {
    let address = host.parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

/// The host that an upstream is asked for, if that is one that Ollama may not know: it is not the upstream's own.
pub(super) fn foreign(host: Option<&HeaderValue>, upstream: &Address) -> Option<HeaderValue> {
    let is_ollama = matches!(upstream.target, Target::Tcp(_, PORT));
    host.filter(|host| is_ollama && host.as_bytes() != upstream.hostport.as_bytes())
        .cloned()
}

/// Says once a minute why Ollama refuses everything: it answers 403 to hosts that are not this machine's.
pub(super) fn look(status: StatusCode, host: &HeaderValue, upstream: &Address) {
    if status != StatusCode::FORBIDDEN || !upstream.refusals.is_due() {
        return;
    }
    warn!(
        target: "http.handlers.reverse_proxy",
        upstream = %upstream,
        host = %String::from_utf8_lossy(host.as_bytes()),
        status = status.as_u16(),
        "the upstream refuses the request: if it is Ollama, it does so because it does not know this host; \
         write `header_up Host {{upstream_hostport}}` into the block of `reverse_proxy`"
    );
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::foreign;
    use crate::handlers::reverse_proxy::upstream::Address;

    #[test]
    fn a_host_is_foreign_to_an_ollama_that_is_not_its_own() {
        let is_foreign = |host: &'static str, upstream: &str| {
            let upstream = Address::parse(upstream).unwrap();
            foreign(Some(&HeaderValue::from_static(host)), &upstream).is_some()
        };
        assert!(is_foreign("a.example.com", "localhost:11434"));
        assert!(!is_foreign("localhost:11434", "localhost:11434"));
        assert!(!is_foreign("a.example.com", "localhost:8080"));
        assert!(!is_foreign("a.example.com", "unix//run/ollama.sock"));
    }
}
