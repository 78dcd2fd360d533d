//! Upstreams that are open although there is a gate, with the gate and the reason.

use std::collections::HashSet;

use caddis_ir::Handler;
use caddis_source::Span;

use crate::check::Check;
use crate::finding::{Finding, Witness};
use crate::routes::{
    End, Entry, Exposure, Gate, GateKind, KNOWN_SECRET, Reason, Request, Secrets, Spot,
    placeholder_names,
};

/// How many requests are changed to see whether that opens something.
const MAX_CHANGED: usize = 80;

/// A gate that does not help, and what it does not help against.
pub(crate) struct Gap<'g, 'c> {
    pub(crate) entry: &'g Entry<'c>,
    pub(crate) exposure: &'g Exposure<'c>,
    pub(crate) gate: &'g Gate<'c>,
    pub(crate) reason: &'g Reason,
    pub(crate) request: &'g Request,
    /// Where the gate stands.
    pub(crate) span: Span,
    /// Where the open handler stands.
    pub(crate) open: Span,
}

impl Gap<'_, '_> {
    /// The gate, as it is written: `basic_auth`, `respond`.
    pub(crate) fn directive(&self, check: &Check<'_>) -> String {
        first_word(check.slice(self.span))
    }

    pub(crate) fn witness(&self, check: &Check<'_>) -> Witness {
        check
            .graph()
            .witness(self.request, self.exposure.handler, self.exposure.is_proven)
    }
}

/// The first word of a text.
pub(crate) fn first_word(text: &str) -> String {
    text.split_whitespace().next().unwrap_or("").to_owned()
}

/// Says something of every gate that this kind of reason makes useless, once for each.
pub(crate) fn report<'c>(
    check: &mut Check<'c>,
    is_meant: fn(&Reason) -> bool,
    say: impl Fn(&Check<'c>, &Gap<'c, 'c>) -> Option<Finding>,
) {
    let mut said = HashSet::new();
    let mut found = Vec::new();
    for gap in check.gaps() {
        if !is_meant(gap.reason) || said.contains(&gap.span) {
            continue;
        }
        if let Some(finding) = say(check, gap) {
            said.insert(gap.span);
            found.push(finding);
        }
    }
    check.report_all(found);
}

/// Every gap of what is surely open.
pub(crate) fn all<'c>(check: &Check<'c>) -> Vec<Gap<'c, 'c>> {
    let graph = check.graph();
    let mut gaps = Vec::new();
    for exposure in graph.exposures() {
        let Some(entry) = graph.entries.get(exposure.entry) else {
            continue;
        };
        let is_content = matches!(
            exposure.handler,
            Handler::ReverseProxy(_) | Handler::FileServer(_)
        );
        let open = graph.span(entry.name, &exposure.spot);
        let (true, true, Some(open)) = (is_content, exposure.is_proven, open) else {
            continue;
        };
        // Of several mistakes the plainest is named.
        let Some((plainest, _, _)) = exposure.reasons.first() else {
            continue;
        };
        for (reason, gate, request) in &exposure.reasons {
            let gate = graph.gates(entry.name).get(*gate);
            let span = gate.and_then(|gate| graph.span(entry.name, &gate.spot));
            let (Some(gate), Some(span)) = (gate, span) else {
                continue;
            };
            if std::mem::discriminant(reason) == std::mem::discriminant(plainest) {
                gaps.push(Gap {
                    entry,
                    exposure,
                    gate,
                    reason,
                    request,
                    span,
                    open,
                });
            }
        }
    }
    gaps
}

/// True if what the gate guards is nothing, or the same that is open elsewhere.
pub(crate) fn guards_in_vain<'c>(check: &Check<'c>, gap: &Gap<'_, 'c>) -> bool {
    if !matches!(gap.gate.kind, GateKind::Basic | GateKind::Forward) {
        return false;
    }
    guards_nothing(gap) || opens_the_same(check, gap)
}

/// True if the block of the gate has nothing that answers.
pub(crate) fn guards_nothing(gap: &Gap<'_, '_>) -> bool {
    let shared = gap.gate.spot.shared(&gap.exposure.spot);
    let Some(block) = gap.gate.spot.0.get(..=shared) else {
        return false;
    };
    let block = Spot(block.to_vec());
    let Some(Handler::Subroute(subroute)) = handler_at(gap.entry, &block) else {
        return false;
    };
    !subroute.routes.iter().any(answers)
}

/// The handler at a spot.
pub(crate) fn handler_at<'c>(entry: &Entry<'c>, spot: &Spot) -> Option<&'c Handler> {
    let mut routes = &entry.server.routes;
    let mut found = None;
    for (route, handler) in &spot.0 {
        let handler = routes.get(*route)?.handle.get(*handler)?;
        if let Handler::Subroute(subroute) = handler {
            routes = &subroute.routes;
        }
        found = Some(handler);
    }
    found
}

fn answers(route: &caddis_ir::Route) -> bool {
    route.handle.iter().any(|handler| match handler {
        Handler::ReverseProxy(proxy) => !crate::routes::is_forward_auth(proxy),
        Handler::FileServer(_)
        | Handler::StaticResponse(_)
        | Handler::Error(_)
        | Handler::Metrics(_)
        | Handler::AcmeServer(_)
        | Handler::Invoke(_)
        | Handler::CopyResponse(_) => true,
        Handler::Subroute(subroute) => subroute.routes.iter().any(answers),
        _ => false,
    })
}

/// True if somebody who passes the gate gets the same, by the same path, as anybody does elsewhere.
fn opens_the_same<'c>(check: &Check<'c>, gap: &Gap<'_, 'c>) -> bool {
    let graph = check.graph();
    let Some(gate) = handler_at(gap.entry, &gap.gate.spot) else {
        return false;
    };
    let Handler::ReverseProxy(open) = gap.exposure.handler else {
        return false;
    };
    let open_paths: HashSet<&str> = gap
        .exposure
        .requests
        .iter()
        .filter_map(|(_, path)| path.as_deref())
        .collect();
    graph
        .trials(gap.exposure.entry)
        .iter()
        .take(MAX_CHANGED)
        .any(|trial| {
            let runs = graph.run_known(gap.entry, &trial.request);
            runs.iter().any(|run| {
                let passed = run
                    .passed
                    .iter()
                    .any(|handler| std::ptr::eq(*handler, gate));
                let same = match &run.end {
                    End::Reached {
                        handler: Handler::ReverseProxy(proxy),
                        ..
                    } => proxy.upstreams == open.upstreams,
                    _ => false,
                };
                passed
                    && same
                    && run
                        .path
                        .as_deref()
                        .is_some_and(|path| open_paths.contains(path))
            })
        })
}

/// A request to a site that is refused, and is not refused any more when it is changed like this.
pub(crate) fn opened_by(
    check: &Check<'_>,
    site: usize,
    secrets: Secrets,
    change: impl Fn(&Request) -> Request,
) -> Option<Witness> {
    let graph = check.graph();
    let entries = graph.entries.iter().enumerate();
    let mut entries =
        entries.filter(|(_, entry)| entry.site == Some(site) && !entry.asks_for_certificates);
    entries.find_map(|(at, entry)| {
        let mut trials = graph.trials(at).iter().take(MAX_CHANGED);
        trials.find_map(|trial| {
            let refused =
                !trial.runs.is_empty() && trial.runs.iter().all(crate::routes::Run::is_refused);
            if !refused {
                return None;
            }
            let changed = change(&trial.request);
            let runs = graph.run(entry, &changed, secrets);
            let is_proven = runs.iter().all(|run| run.reached().is_some());
            let handler = runs.iter().find_map(|run| match &run.end {
                End::Reached { handler, .. } => Some(*handler),
                _ => None,
            })?;
            Some(graph.witness(&changed, handler, is_proven))
        })
    })
}

/// A text with every secret from outside in its place, as it is in a world where somebody knows them.
pub(crate) fn with_known_secrets(check: &Check<'_>, text: &str) -> String {
    let mut filled = text.to_owned();
    for name in placeholder_names(text) {
        let given = name
            .strip_prefix("env.")
            .and_then(|name| check.cx.environment.values.get(name));
        if name.starts_with("env.") || name.starts_with("file.") {
            let value = given.map_or(KNOWN_SECRET, String::as_str);
            filled = filled.replace(&format!("{{{name}}}"), value);
        }
    }
    filled
}
