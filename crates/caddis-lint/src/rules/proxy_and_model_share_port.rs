//! `proxy-and-model-share-port`: the proxy listens on the port of the model server.
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::proxies;
use crate::routes::is_local_host;

pub(super) const RULE: Rule = Rule {
    code: Code("OLL015"),
    name: "proxy-and-model-share-port",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "The proxy listens on the port of the model server.",
    why: "On one machine they get in each other's way: one of them does not start, or clients that still ask the old port go past TLS and login.",
    bad: r":11434 {
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
    cwe: Some(319),
    risk: Some("5.3"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for proxy in proxies::proxies(check)
        .iter()
        .filter(|proxy| proxy.upstream_is_loopback)
    {
        let Some(number) = proxy.line.site() else {
            continue;
        };
        let ports: Vec<String> = proxy
            .upstreams
            .iter()
            .map(|word| proxies::host_and_port(word.text()).1)
            .collect();
        let is_bound = check
            .directives("bind")
            .any(|bind| bind.site() == Some(number));
        let Some(site) = check.site(number).filter(|_| !is_bound) else {
            continue;
        };
        let same = site.addresses.iter().find(|word| {
            let address = caddis_adapt::Address::parse(word.text());
            address
                .is_ok_and(|address| ports.contains(&address.port) && !is_local_host(&address.host))
        });
        if let Some(word) = same {
            let finding = check
                .at(word.span(), "this is the port of the model server itself")
                .also(proxy.line.line.span(), "asks the same port")
                .help("serve a name on the usual ports, or `bind` this site to another address");
            found.push(finding);
        }
    }
    check.report_all(found);
}
