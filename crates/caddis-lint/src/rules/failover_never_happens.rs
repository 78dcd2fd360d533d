//! `failover-never-happens`: what is tried again is tried with the same upstream.

use caddis_source::Code;
use caddis_source::{Fix, Span};
use caddis_syntax::Line;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule, Safety};

use crate::models;

/// Policies that choose the same upstream again.
const SAME: [&str; 7] = [
    "first",
    "ip_hash",
    "client_ip_hash",
    "uri_hash",
    "header",
    "query",
    "cookie",
];

pub(super) const RULE: Rule = Rule {
    code: Code("COR025"),
    name: "failover-never-happens",
    level: Level::Warning,
    phase: Phase::Tree,
    summary: "What is tried again is tried with the same upstream.",
    why: "With a policy that always chooses the same, trying again finds the same dead upstream until it is marked as down, and nothing marks it. The others are never asked.",
    bad: r"app.example.com {
	reverse_proxy 127.0.0.1:3001 127.0.0.1:3000 {
		lb_policy first
		lb_try_duration 1s
	}
}
",
    bad_line: 3,
    good: r"app.example.com {
	reverse_proxy 127.0.0.1:3001 127.0.0.1:3000 {
		lb_policy first
		lb_try_duration 1s
		fail_duration 30s
	}
}
",
    fix: Safety::Unsafe,
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut found = Vec::new();
    for line in check.directives("reverse_proxy") {
        let options: Vec<&Line> = line
            .line
            .block
            .iter()
            .flat_map(|block| &block.lines)
            .collect();
        let option = |name: &str| {
            options
                .iter()
                .copied()
                .find(|one| one.name().text() == name)
        };
        let to = options
            .iter()
            .filter(|one| one.name().text() == "to")
            .map(|one| one.arguments().len());
        let upstreams = line.arguments().len() + to.sum::<usize>();
        let tries = option("lb_try_duration").or(option("lb_retries"));
        let marks = ["fail_duration", "health_uri", "health_port", "health_path"]
            .into_iter()
            .find_map(option);
        let Some(policy) = option("lb_policy").filter(|one| {
            one.arguments()
                .first()
                .is_some_and(|word| SAME.contains(&word.text()))
        }) else {
            continue;
        };
        if upstreams < 2 || tries.is_none() || marks.is_some() {
            continue;
        }
        let finding = check
            .at(
                policy.span(),
                "this chooses the same upstream again, and nothing marks it as down",
            )
            .help("write `fail_duration 30s`, or a health check");
        let Some(indent) = models::indent(check, policy.span()) else {
            continue;
        };
        let end = Span {
            start: policy.span().end,
            ..policy.span()
        };
        let fix = Fix::replace(
            "mark what fails as down",
            end,
            format!("\n{indent}fail_duration 30s"),
        );
        found.push(finding.fix(Safety::Unsafe, fix));
    }
    check.report_all(found);
}
