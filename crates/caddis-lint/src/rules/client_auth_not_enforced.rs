//! `client-auth-not-enforced`: clients are asked for a certificate, and need none.

use caddis_source::Code;
use caddis_source::Fix;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

pub(super) const RULE: Rule = Rule {
    code: Code("SEC033"),
    name: "client-auth-not-enforced",
    level: Level::Error,
    phase: Phase::Tree,
    summary: "Clients are asked for a certificate, and need none.",
    why: "With `request` and `verify_if_given` a client without a certificate comes in, and with `require` any certificate will do, also one that the client made itself.",
    bad: r"ollama.example.com {
	tls {
		client_auth {
			mode verify_if_given
			trust_pool file /etc/caddy/clients.pem
		}
	}
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 4,
    good: r"ollama.example.com {
	tls {
		client_auth {
			mode require_and_verify
			trust_pool file /etc/caddy/clients.pem
		}
	}
	reverse_proxy 127.0.0.1:11434
}
",
    fix: Safety::Unsafe,
    cwe: Some(295),
    risk: Some("8.1"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    for line in check
        .options("mode")
        .filter(|one| one.parent() == "client_auth")
    {
        let Some(word) = line.line.arguments().first() else {
            continue;
        };
        let about = match word.text() {
            "request" | "verify_if_given" => "clients without a certificate come in",
            "require" => "clients come in with any certificate, also their own",
            _ => continue,
        };
        let mut definitions = check
            .definitions()
            .iter()
            .filter(|one| Some(one.site) == line.site());
        let is_checked = definitions.any(|one| {
            let mut words = one.terms.iter().flat_map(|term| term.words);
            words.any(|word| {
                word.text().contains("tls_client") || word.text().contains("tls.client")
            })
        });
        if !is_checked {
            let finding = check.at(word.span(), about).help(
                "write `require_and_verify`, or look at `{tls_client_subject}` before the upstream",
            );
            let fix = Fix::replace(
                "ask for a certificate that is checked",
                word.span(),
                "require_and_verify",
            );
            check.report(finding.fix(Safety::Unsafe, fix));
        }
    }
}
