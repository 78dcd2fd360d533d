//! `upstream-tls-not-verified`: the certificate of an upstream is not checked.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::proxies::host_and_port;
use crate::routes::is_local_host;

pub(super) const RULE: Rule = Rule {
    code: Code("SEC020"),
    name: "upstream-tls-not-verified",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "The certificate of an upstream is not checked.",
    why: "Whoever is on the way to the upstream can answer in its place: they read the requests with their credentials, and write the answers.",
    bad: r"ollama.example.com {
	reverse_proxy https://gpu.internal:8443 {
		transport http {
			tls_insecure_skip_verify
		}
	}
}
",
    bad_line: 4,
    good: r"ollama.example.com {
	reverse_proxy https://gpu.internal:8443 {
		transport http {
			tls_trust_pool file /etc/caddy/gpu-ca.pem
			tls_server_name gpu.internal
		}
	}
}
",
    cwe: Some(295),
    risk: Some("6.5"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    for line in check.options("tls_insecure_skip_verify") {
        let proxy = line
            .around
            .iter()
            .rev()
            .find(|one| matches!(one.name().text(), "reverse_proxy" | "forward_auth"));
        let is_near = proxy.is_some_and(|proxy| {
            let mut upstreams = proxy
                .arguments()
                .iter()
                .filter(|word| !word.text().starts_with(['/', '@', '*']));
            upstreams.all(|word| is_local_host(&host_and_port(word.text()).0))
        });
        let finding = check
            .at(line.line.span(), "anybody on the way can answer in place of this upstream")
            .label("no certificate is checked")
            .level(if is_near { Level::Info } else { Level::Warning })
            .help("write `tls_trust_pool file CA.pem` with the authority of the upstream, and `tls_server_name` if its name differs");
        check.report(finding);
    }
}
