//! `metrics-public`: metrics are open to everybody.

use std::collections::HashSet;

use caddis_ir::Handler;
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

pub(super) const RULE: Rule = Rule {
    code: Code("SEC028"),
    name: "metrics-public",
    level: Level::Warning,
    phase: Phase::Routes,
    summary: "Metrics are open to everybody.",
    why: "Metrics name the hosts, the upstreams and how much is asked of them.",
    bad: r"app.example.com {
	metrics /metrics
	reverse_proxy 127.0.0.1:3000
}
",
    bad_line: 2,
    good: r":9180 {
	bind 127.0.0.1
	metrics /metrics
}

app.example.com {
	reverse_proxy 127.0.0.1:3000
}
",
    cwe: Some(200),
    risk: Some("4.3"),
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let graph = check.graph();
    let mut said = HashSet::new();
    for exposure in graph
        .exposures()
        .iter()
        .filter(|one| one.is_proven && matches!(one.handler, Handler::Metrics(_)))
    {
        let entry = graph.entries.get(exposure.entry);
        let Some(span) = entry.and_then(|entry| graph.span(entry.name, &exposure.spot)) else {
            continue;
        };
        let Some((request, _)) = exposure.requests.first().filter(|_| said.insert(span)) else {
            continue;
        };
        let finding = check
            .at(span, "anybody can read the metrics")
            .witness(graph.witness(request, exposure.handler, true))
            .help("serve them on a site of their own that is bound to this machine: `:9180 { bind 127.0.0.1 … }`");
        check.report(finding);
    }
}
