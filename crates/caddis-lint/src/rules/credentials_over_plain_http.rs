//! `credentials-over-plain-http`: passwords or tokens are asked for on a site without TLS.

use caddis_adapt::Address;
use caddis_source::Code;
use caddis_source::Fix;
use caddis_syntax::Token;

use crate::check::Check;
use crate::rule::{Choice, Level, Phase, Rule, Safety, Value};

use crate::finding::Finding;
use crate::routes::{is_credential_field, is_local_address, is_local_host};

pub(super) const RULE: Rule = Rule {
    code: Code("SEC001"),
    name: "credentials-over-plain-http",
    level: Level::Error,
    phase: Phase::Tree,
    summary: "Passwords or tokens are asked for on a site without TLS.",
    why: "Without TLS, whoever is on the way between client and server reads the password or the token with the first request, and can use it from then on.",
    bad: r"http://ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    bad_line: 1,
    good: r"ollama.example.com {
	basic_auth {
		alice $2a$14$WkJGC8oQ8jPOWrqi4RfUHuNmuEbHIxdcdA3lCcrMogTgxWllCPxfG
	}
	reverse_proxy 127.0.0.1:11434
}
",
    options: &[Choice {
        name: "allow_hosts",
        default: Value::Texts(&[]),
        about: "hosts that only a trusted network reaches",
    }],
    fix: Safety::Unsafe,
    cwe: Some(319),
    risk: Some("8.1"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    if is_behind_a_proxy(check) {
        return;
    }
    let allowed = check.texts("allow_hosts");
    let port = http_port(check);
    for (at, site) in check.cx.tree.sites.iter().enumerate() {
        let Some(asking) = asking(check, at) else {
            continue;
        };
        for word in &site.addresses {
            let Ok(address) = Address::parse(word.text()) else {
                continue;
            };
            let is_plain =
                address.scheme == "http" || (address.scheme.is_empty() && address.port == port);
            let is_local = is_local_host(&address.host) || allowed.contains(&address.host);
            if is_plain && !is_local && !is_bound_locally(check, at) {
                let finding = found(check, word, &asking);
                check.report(finding);
                break;
            }
        }
    }
}

fn found(check: &Check<'_>, word: &Token, asking: &str) -> Finding {
    let written = check.slice(word.span());
    let finding = check
        .at(word.span(), format!("{asking} on `{}`, which has no TLS", written.trim_end_matches(',')))
        .label("everything is sent in clear")
        .help("leave the scheme out: with a name that the world can reach, certificates come by themselves");
    match written.strip_prefix("http://") {
        Some(bare) if !bare.starts_with(':') && !bare.contains(':') => finding.fix(
            Safety::Unsafe,
            Fix::replace("serve it over HTTPS", word.span(), bare),
        ),
        Some(_) | None => finding,
    }
}

/// What in the site asks for credentials, in words.
fn asking(check: &Check<'_>, site: usize) -> Option<String> {
    let mut directives = check
        .lines_of(Some(site))
        .iter()
        .filter(|one| one.is_directive());
    let login =
        directives.find(|one| matches!(one.name(), "basic_auth" | "basicauth" | "forward_auth"));
    if let Some(login) = login {
        return Some(format!("`{}` asks for credentials", login.name()));
    }
    let definitions = check
        .definitions()
        .iter()
        .filter(|one| one.site == site && one.is_used);
    let mut terms = definitions.flat_map(|one| &one.terms);
    terms.find_map(|term| {
        let field = term.words.first()?.text();
        let is_header = matches!(term.kind, "header" | "header_regexp");
        let asks = is_header && is_credential_field(field) && !field.eq_ignore_ascii_case("cookie");
        asks.then(|| format!("a token is asked for in `{field}`"))
    })
}

/// With `trusted_proxies` somebody else speaks TLS.
fn is_behind_a_proxy(check: &Check<'_>) -> bool {
    check.options("trusted_proxies").next().is_some()
}

fn is_bound_locally(check: &Check<'_>, site: usize) -> bool {
    let mut binds = check
        .directives("bind")
        .filter(|one| one.site() == Some(site));
    binds.any(|bind| {
        bind.line
            .arguments()
            .iter()
            .all(|word| is_local_address(word.text()))
    })
}

fn http_port(check: &Check<'_>) -> String {
    let port = check
        .options("http_port")
        .next()
        .and_then(|line| line.line.arguments().first());
    port.map_or("80".into(), |port| port.text().into())
}
