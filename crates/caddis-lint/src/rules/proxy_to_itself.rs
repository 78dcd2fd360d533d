//! `proxy-to-itself`: the upstream is this server itself.

use std::collections::HashSet;

use caddis_ir::Handler;
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::routes::{End, is_local_host};

pub(super) const RULE: Rule = Rule {
    code: Code("COR011"),
    name: "proxy-to-itself",
    level: Level::Error,
    phase: Phase::Routes,
    summary: "The upstream is this server itself.",
    why: "A request goes round until something gives up.",
    bad: r"http://app.example.com:8080 {
	reverse_proxy localhost:8080
}
",
    bad_line: 2,
    good: r"http://app.example.com:8080 {
	reverse_proxy 127.0.0.1:3000
}
",
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let graph = check.graph();
    let mut said = HashSet::new();
    for (at, entry) in graph.entries.iter().enumerate() {
        let port = entry
            .port
            .unwrap_or(if entry.scheme == "http" { 80 } else { 443 });
        for run in graph.trials(at).iter().flat_map(|trial| &trial.runs) {
            let End::Reached {
                handler: Handler::ReverseProxy(proxy),
                spot,
            } = &run.end
            else {
                continue;
            };
            let request = proxy
                .headers
                .as_ref()
                .and_then(|headers| headers.request.as_ref());
            let sets_host = request.is_some_and(|rules| {
                rules
                    .set
                    .keys()
                    .any(|name| name.eq_ignore_ascii_case("host"))
            });
            let is_self = proxy.upstreams.iter().any(|upstream| {
                let (host, own) = upstream
                    .dial
                    .rsplit_once(':')
                    .unwrap_or((&upstream.dial, ""));
                is_local_host(host) && own.parse() == Ok(port)
            });
            let Some(span) = graph
                .span(entry.name, spot)
                .filter(|_| is_self && !sets_host)
            else {
                continue;
            };
            if said.insert(span) {
                let finding = check
                    .at(span, "this upstream is the server itself")
                    .label(format!("port {port} of this machine"))
                    .help("write the address of the server behind; in a container that is not `localhost`");
                check.report(finding);
            }
        }
    }
}
