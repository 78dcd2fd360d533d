//! `renamed-transport-options`: an option of a transport has a new name.
use caddis_source::Code;

use crate::rule::{Level, Phase, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code("DEP008"),
    name: "renamed-transport-options",
    level: Level::Info,
    enabled: false,
    phase: Phase::Tree,
    summary: "An option of a transport has a new name.",
    why: "The old one is still read, and will be gone one day.",
    bad: r"app.example.com {
	reverse_proxy https://gpu.internal:8443 {
		transport http {
			tls_trusted_ca_certs /etc/caddy/gpu-ca.pem
		}
	}
}
",
    bad_line: 4,
    good: r"app.example.com {
	reverse_proxy https://gpu.internal:8443 {
		transport http {
			tls_trust_pool file /etc/caddy/gpu-ca.pem
		}
	}
}
",
    adopts: &[Code("reverse_proxy/old-name"), Code("servers/deprecated")],
    adopts_if: |written| written != "health_path",
    ..Rule::NEW
};
