//! `unreachable-directive`: a directive that is never reached.

use std::collections::HashSet;

use caddis_ir::{Handler, Route};
use caddis_source::Code;

use crate::check::Check;
use crate::rule::{Level, Phase, Rule};

use crate::routes::{Entry, Spot, is_forward_auth};

pub(super) const RULE: Rule = Rule {
    code: Code("COR008"),
    name: "unreachable-directive",
    level: Level::Warning,
    phase: Phase::Routes,
    summary: "A directive that is never reached.",
    why: "Directives run in an order of their own. One that answers every request hides those that come after it: a `respond` without a matcher comes before every `reverse_proxy`.",
    bad: r#"app.example.com {
	reverse_proxy /api/* 127.0.0.1:3000
	respond "hello"
}
"#,
    bad_line: 2,
    good: r#"app.example.com {
	handle /api/* {
		reverse_proxy 127.0.0.1:3000
	}
	handle {
		respond "hello"
	}
}
"#,
    check,
    ..Rule::NEW
};

fn check(check: &mut Check<'_>) {
    let mut hidden: Vec<(Spot, Spot, &'static str, String)> = Vec::new();
    for entry in &check.graph().entries {
        look(entry, &mut hidden);
    }
    let mut said = HashSet::new();
    for (late, early, _, server) in hidden {
        let graph = check.graph();
        let (Some(late), Some(early)) = (graph.span(&server, &late), graph.span(&server, &early))
        else {
            continue;
        };
        if late == early || !said.insert(late) {
            continue;
        }
        let (name, first) = (
            crate::gaps::first_word(check.slice(late)),
            crate::gaps::first_word(check.slice(early)),
        );
        let finding = check
            .at(late, format!("`{name}` is never reached"))
            .label("runs later")
            .also(early, format!("`{first}` answers every request before it"))
            .help("put each of them into a `handle` of its own, the one with a path first");
        check.report(finding);
    }
}

fn look(entry: &Entry<'_>, hidden: &mut Vec<(Spot, Spot, &'static str, String)>) {
    let routes: Vec<(usize, &Route)> = entry.routes.clone();
    let mut work = vec![(Spot::default(), routes)];
    while let Some((spot, routes)) = work.pop() {
        let mut first: Option<Spot> = None;
        for (at, route) in &routes {
            for (number, handler) in route.handle.iter().enumerate() {
                let here = spot.then(*at, number);
                if let Some(first) = &first
                    && is_answer(handler)
                {
                    hidden.push((here.clone(), first.clone(), "", entry.name.to_owned()));
                }
                if let Handler::Subroute(subroute) = handler {
                    work.push((here.clone(), subroute.routes.iter().enumerate().collect()));
                }
                let takes_all = route.matchers.is_empty() && is_answer(handler);
                if takes_all && first.is_none() {
                    first = Some(here);
                }
            }
        }
    }
}

/// True for a handler that ends every request that comes to it.
fn is_answer(handler: &Handler) -> bool {
    match handler {
        Handler::ReverseProxy(proxy) => !is_forward_auth(proxy),
        Handler::FileServer(files) => !files.pass_thru,
        Handler::StaticResponse(_) | Handler::Error(_) => true,
        _ => false,
    }
}
