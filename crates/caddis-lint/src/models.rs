//! Model servers behind proxies: which are open, who may do what with them, and how they are asked.

use std::collections::HashSet;

use caddis_ir::Handler;
use caddis_source::Span;

use crate::check::Check;
use crate::gaps;
use crate::routes::{End, Entry, Exposure, Reason, Request, Run};

/// Requests that ask a model something.
const ASKING: [(&str, &str); 3] = [
    ("POST", "/api/chat"),
    ("POST", "/api/generate"),
    ("POST", "/v1/chat/completions"),
];

/// Requests that change which models there are, or whose server it is.
const MANAGING: [(&str, &str); 9] = [
    ("POST", "/api/pull"),
    ("DELETE", "/api/delete"),
    ("POST", "/api/create"),
    ("POST", "/api/push"),
    ("POST", "/api/copy"),
    ("POST", "/api/blobs/sha256:0"),
    ("POST", "/api/me"),
    ("POST", "/api/signout"),
    ("POST", "/api/experimental/web_fetch"),
];

/// One request of each interface.
const FAMILIES: [(&str, &str); 2] = [("/api/", "/api/tags"), ("/v1/", "/v1/models")];

/// Paths that say that the server is there, and nothing else.
const SIGNS_OF_LIFE: [&str; 4] = ["/", "/api/version", "/health", "/healthz"];

/// True if the upstream is asked for more than whether it is there.
fn asks_for_more(path: Option<&str>) -> bool {
    path.is_none_or(|path| !SIGNS_OF_LIFE.contains(&path))
}

/// A model server that anybody reaches.
pub(crate) struct Open<'c> {
    pub(crate) entry: &'c Entry<'c>,
    pub(crate) exposure: &'c Exposure<'c>,
    pub(crate) span: Span,
    /// A request that asks it for something.
    pub(crate) request: &'c Request,
}

/// The model servers that anybody reaches, each once.
pub(crate) fn open<'c>(check: &Check<'c>) -> Vec<Open<'c>> {
    let graph = check.graph();
    let mut said = HashSet::new();
    let exposures = graph
        .exposures()
        .iter()
        .filter(|one| one.is_proven && graph.is_model_server(one.handler));
    let open = exposures.filter_map(|exposure| {
        let entry = graph.entries.get(exposure.entry)?;
        let span = graph.span(entry.name, &exposure.spot)?;
        let mut requests = exposure.requests.iter();
        let (request, _) = requests.find(|(_, path)| asks_for_more(path.as_deref()))?;
        said.insert(span).then_some(Open {
            entry,
            exposure,
            span,
            request,
        })
    });
    open.collect()
}

/// True if another rule that runs says why it is open.
pub(crate) fn is_explained<'c>(check: &Check<'c>, open: &Open<'c>) -> bool {
    let by_gate = open
        .exposure
        .reasons
        .iter()
        .any(|(reason, _, _)| match reason {
            Reason::AfterInRoute => check.runs("SEC009"),
            Reason::After => check.runs("SEC007"),
            Reason::Rewritten => check.runs("SEC011"),
            Reason::Method => check.runs("SEC012"),
            Reason::Path => check.runs("SEC010"),
            Reason::Exempt(_) => true,
            Reason::Sibling => false,
        });
    by_gate
        || (check.runs("SEC008") && is_open_beside_a_gate(check, open))
        || (check.runs("OLL004") && other_family_is_closed(check, open).is_some())
}

/// True if there is a login beside it that guards nothing, or the same.
pub(crate) fn is_open_beside_a_gate<'c>(check: &Check<'c>, open: &Open<'c>) -> bool {
    let mut own = check
        .gaps()
        .iter()
        .filter(|gap| std::ptr::eq(gap.exposure, open.exposure));
    own.any(|gap| *gap.reason == Reason::Sibling && gaps::guards_in_vain(check, gap))
}

/// The interface that asks who is there, where the other one does not, and a request to the open one.
pub(crate) fn other_family_is_closed<'c>(
    check: &Check<'c>,
    open: &Open<'c>,
) -> Option<(&'static str, Request)> {
    let is_of_siblings = open
        .exposure
        .reasons
        .iter()
        .all(|(reason, _, _)| *reason == Reason::Sibling);
    if open.exposure.reasons.is_empty() || !is_of_siblings {
        return None;
    }
    let graph = check.graph();
    let plain = graph.trials(open.exposure.entry).first()?.request.clone();
    let reaches = |runs: &[Run<'_>]| {
        runs.iter().any(|run| match &run.end {
            End::Reached { handler, .. } => graph.is_model_server(handler),
            _ => false,
        })
    };
    let anybody = |path: &str| {
        let request = plain.at(path);
        reaches(&graph.run(open.entry, &request, crate::routes::Secrets::Set))
    };
    let known = |path: &str| reaches(&graph.run_known(open.entry, &plain.at(path)));
    let [(first, a), (second, b)] = FAMILIES;
    let closed = if anybody(b) && !anybody(a) && known(a) {
        (first, b)
    } else if anybody(a) && !anybody(b) && known(b) {
        (second, a)
    } else {
        return None;
    };
    let reached_here = open
        .exposure
        .requests
        .iter()
        .any(|(request, _)| request.path == closed.1);
    reached_here.then(|| (closed.0, plain.at(closed.1)))
}

/// A model server behind a login, and what somebody who passes it can do.
pub(crate) struct Guarded<'c> {
    pub(crate) entry: &'c Entry<'c>,
    pub(crate) span: Span,
    /// A request that manages models and is let through.
    pub(crate) manages: Option<(Request, &'c Handler)>,
    /// Whether some of those requests are refused.
    pub(crate) denied_any: bool,
}

/// The model servers behind logins with passwords, each once.
pub(crate) fn guarded<'c>(check: &Check<'c>) -> Vec<Guarded<'c>> {
    let graph = check.graph();
    let mut said = HashSet::new();
    let mut found = Vec::new();
    for (at, entry) in graph.entries.iter().enumerate() {
        let Some(plain) = graph.trials(at).first().map(|trial| trial.request.clone()) else {
            continue;
        };
        let send = |(method, path): (&str, &str)| Request {
            method: method.into(),
            ..plain.at(path)
        };
        let Some((login, spot)) = ASKING
            .into_iter()
            .find_map(|asking| asked(check, entry, &send(asking)))
        else {
            continue;
        };
        let Some(span) = graph
            .span(entry.name, &spot)
            .filter(|span| said.insert(*span))
        else {
            continue;
        };
        let (mut manages, mut denied_any) = (None, false);
        for request in MANAGING.into_iter().map(send) {
            match managed(check, entry, &request, login) {
                Managed::Through(handler) if manages.is_none() => {
                    manages = Some((request, handler));
                }
                Managed::Through(_) | Managed::Otherwise => {}
                Managed::Refused => denied_any = true,
            }
        }
        found.push(Guarded {
            entry,
            span,
            manages,
            denied_any,
        });
    }
    found
}

/// The login that a request to a model server passes, and where that server is; `None` if anybody reaches it.
fn asked<'c>(
    check: &Check<'c>,
    entry: &Entry<'c>,
    request: &Request,
) -> Option<(&'c Handler, crate::routes::Spot)> {
    let graph = check.graph();
    let anybody = graph.run(entry, request, crate::routes::Secrets::Set);
    if anybody.iter().any(|run| run.reached().is_some()) {
        return None;
    }
    graph.run_known(entry, request).into_iter().find_map(|run| {
        let login = login(&run)?;
        match run.end {
            End::Reached { handler, spot } if graph.is_model_server(handler) => Some((login, spot)),
            _ => None,
        }
    })
}

fn login<'c>(run: &Run<'c>) -> Option<&'c Handler> {
    run.passed
        .iter()
        .copied()
        .find(|handler| matches!(handler, Handler::Authentication(_)))
}

/// What becomes of a request that manages models.
enum Managed<'c> {
    /// It passes the same login as one that asks a model.
    Through(&'c Handler),
    /// It comes to no model server.
    Refused,
    /// It comes there by another way.
    Otherwise,
}

fn managed<'c>(
    check: &Check<'c>,
    entry: &Entry<'c>,
    request: &Request,
    by: &'c Handler,
) -> Managed<'c> {
    let graph = check.graph();
    let mut ended = Managed::Refused;
    for run in graph.run_known(entry, request) {
        let same = login(&run).is_some_and(|login| std::ptr::eq(login, by));
        match run.end {
            End::Reached { handler, .. } if graph.is_model_server(handler) => {
                if same {
                    return Managed::Through(handler);
                }
                ended = Managed::Otherwise;
            }
            _ => {}
        }
    }
    ended
}

/// A way to a model server.
pub(crate) struct Way<'c> {
    pub(crate) span: Span,
    /// What the request came through.
    pub(crate) passed: Vec<&'c Handler>,
}

/// The ways of those who may come in to model servers, each server once for each way that differs.
pub(crate) fn ways<'c>(check: &Check<'c>) -> Vec<Way<'c>> {
    let graph = check.graph();
    let mut ways = Vec::new();
    for (at, entry) in graph.entries.iter().enumerate() {
        for trial in graph.trials(at) {
            let runs = graph
                .run_known(entry, &trial.request)
                .into_iter()
                .chain(trial.runs.iter().cloned());
            for run in runs {
                let End::Reached { handler, spot } = &run.end else {
                    continue;
                };
                let span = graph
                    .span(entry.name, spot)
                    .filter(|_| graph.is_model_server(handler));
                if let Some(span) = span.filter(|_| asks_for_more(run.path.as_deref())) {
                    ways.push(Way {
                        span,
                        passed: run.passed.clone(),
                    });
                }
            }
        }
    }
    ways
}

/// The ways on which no handler is one of these, one for each model server.
pub(crate) fn ways_without<'c>(
    check: &Check<'c>,
    is_one: impl Fn(&&Handler) -> bool,
) -> Vec<Way<'c>> {
    let mut said = HashSet::new();
    let without = ways(check)
        .into_iter()
        .filter(|way| !way.passed.iter().any(&is_one));
    without.filter(|way| said.insert(way.span)).collect()
}

/// The white space before a place on its line.
pub(crate) fn indent(check: &Check<'_>, span: Span) -> Option<String> {
    let text = check.cx.sources.text(span.file).get(..span.range().start)?;
    let line = text.rsplit('\n').next()?;
    let end = line
        .find(|c: char| !c.is_whitespace())
        .unwrap_or(line.len());
    line.get(..end).map(str::to_owned)
}
