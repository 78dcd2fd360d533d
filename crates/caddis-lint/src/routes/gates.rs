//! Gates: handlers and routes that let in only who has credentials or the right address.

use caddis_ir::{Handler, MatcherSet, ReverseProxy, Route, Server};

use super::credentials::sets_ask_for_credentials;
use super::spot::Spot;
use super::walk::{answer_of, number};

/// What a gate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GateKind {
    /// `basic_auth`
    Basic,
    /// `forward_auth`
    Forward,
    /// `respond`, `error` or `abort` for who has no credentials.
    Deny,
    /// A block that only those with credentials enter.
    Allow,
}

/// A gate, and the conditions under which a request comes to it.
#[derive(Clone, Debug)]
pub(crate) struct Gate<'c> {
    pub(crate) kind: GateKind,
    pub(crate) spot: Spot,
    /// The matchers of the routes around it, one entry for each level of the spot.
    pub(crate) conditions: Vec<&'c [MatcherSet]>,
}

/// All gates of a server, in the order of its routes.
pub(super) fn all(server: &Server) -> Vec<Gate<'_>> {
    let mut gates = Vec::new();
    add(&server.routes, &Spot::default(), &[], &mut gates);
    gates
}

fn add<'c>(
    routes: &'c [Route],
    spot: &Spot,
    conditions: &[&'c [MatcherSet]],
    gates: &mut Vec<Gate<'c>>,
) {
    for (at, route) in routes.iter().enumerate() {
        let mut conditions = conditions.to_vec();
        conditions.push(&route.matchers);
        for (number, handler) in route.handle.iter().enumerate() {
            let spot = spot.then(at, number);
            if let Some(kind) = kind(handler, &conditions) {
                gates.push(Gate {
                    kind,
                    spot: spot.clone(),
                    conditions: conditions.clone(),
                });
            }
            if let Handler::Subroute(subroute) = handler {
                add(&subroute.routes, &spot, &conditions, gates);
            }
        }
    }
}

fn kind(handler: &Handler, conditions: &[&[MatcherSet]]) -> Option<GateKind> {
    let asks = || conditions.iter().any(|sets| sets_ask_for_credentials(sets));
    match handler {
        Handler::Authentication(_) => Some(GateKind::Basic),
        Handler::ReverseProxy(proxy) if is_forward_auth(proxy) => Some(GateKind::Forward),
        Handler::StaticResponse(answer) => {
            (answer_of(answer).is_none() && asks()).then_some(GateKind::Deny)
        }
        Handler::Error(error) => {
            let status = number(error.status_code.as_ref(), 500);
            (matches!(status, 401 | 403 | 407) && asks()).then_some(GateKind::Deny)
        }
        Handler::Subroute(_) => {
            let own = conditions.last().copied().unwrap_or_default();
            let admits = !own.is_empty() && own.iter().all(admits_by_credentials);
            admits.then_some(GateKind::Allow)
        }
        _ => None,
    }
}

/// True for a set that only somebody with credentials matches.
fn admits_by_credentials(set: &MatcherSet) -> bool {
    let without_not = MatcherSet {
        not: None,
        ..set.clone()
    };
    sets_ask_for_credentials(std::slice::from_ref(&without_not))
}

/// True for a proxy that only asks whether the request may go on, as `forward_auth` does.
pub(crate) fn is_forward_auth(proxy: &ReverseProxy) -> bool {
    let asks_elsewhere = proxy
        .rewrite
        .as_ref()
        .is_some_and(|rewrite| !rewrite.uri.is_empty());
    let goes_on = proxy.handle_response.iter().any(|handler| {
        let require = handler.require.as_ref();
        require.is_some_and(|require| {
            require
                .status_code
                .iter()
                .any(|code| matches!(code, 2 | 200..=299))
        })
    });
    asks_elsewhere && goes_on
}
