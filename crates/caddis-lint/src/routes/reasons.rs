//! Why a gate does not stop a request.

use caddis_ir::MatcherSet;

use super::gates::{Gate, GateKind};
use super::matching::{self, Secrets, State, Truth};
use super::regexes::Regexes;
use super::request::Request;
use super::spot::Spot;
use crate::environment::Environment;

/// Why a gate does not stop a request, the plainest mistake first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// It comes later in a block that keeps the written order, and another handler answers before.
    AfterInRoute,
    /// It comes later in the order of directives, and another handler answers before.
    After,
    /// Its path is no longer what it was written for.
    Rewritten,
    /// Its method is another.
    Method,
    /// Its path is not covered.
    Path,
    /// Its path is left out on purpose, by this pattern.
    Exempt(String),
    /// The gate stands in a block that the request does not enter.
    Sibling,
}

/// A request that reached something, and where.
pub(super) struct Seen<'a> {
    pub(super) environment: &'a Environment,
    pub(super) regexes: &'a Regexes,
    pub(super) request: &'a Request,
    pub(super) spot: &'a Spot,
    /// The path at each level of the spot.
    pub(super) levels: &'a [Option<String>],
    /// Whether the block at these levels keeps the written order.
    pub(super) keeps_order: &'a dyn Fn(&Spot) -> bool,
}

/// Why the gate does not stop the request; `None` if it has nothing to do with it.
pub(super) fn of(gate: &Gate<'_>, seen: &Seen<'_>) -> Option<Reason> {
    let shared = gate.spot.shared(seen.spot);
    let (at_gate, at_end) = (gate.spot.0.get(shared)?, seen.spot.0.get(shared)?);
    let is_direct = gate.spot.0.len() == shared + 1;
    let conditions = gate.conditions.get(shared..)?;
    if gate.kind == GateKind::Allow {
        return Some(Reason::Sibling);
    }
    // What is rewritten in a block is not seen outside of it.
    let path = seen.levels.get(shared).and_then(Option::as_deref);
    if at_gate > at_end {
        let would = conditions.iter().all(|sets| seen.matches(sets, path));
        // A gate that is two blocks down guards what is in that block.
        let is_shallow =
            is_direct || (gate.kind == GateKind::Deny && gate.spot.0.len() == shared + 2);
        let around = Spot(gate.spot.0.get(..shared)?.to_vec());
        return match (would && is_shallow, (seen.keeps_order)(&around)) {
            (true, true) => Some(Reason::AfterInRoute),
            (true, false) if gate.kind == GateKind::Deny || is_direct => Some(Reason::After),
            (true, false) | (false, _) => Some(Reason::Sibling),
        };
    }
    if !is_direct {
        return Some(Reason::Sibling);
    }
    missed(conditions.first()?, path, seen)
}

impl Seen<'_> {
    fn matches(&self, sets: &[MatcherSet], path: Option<&str>) -> bool {
        let state = State {
            path: path.map(str::to_owned),
            ..State::new(self.request, self.environment, self.regexes, Secrets::Set)
        };
        matching::any(sets, &state) != Truth::No
    }
}

/// Which condition of a gate that came before kept it from stopping the request.
fn missed(sets: &[MatcherSet], path: Option<&str>, seen: &Seen<'_>) -> Option<Reason> {
    if path != Some(&seen.request.path) && seen.matches(sets, Some(&seen.request.path)) {
        return Some(Reason::Rewritten);
    }
    let changed = |change: &dyn Fn(&mut MatcherSet)| {
        let mut sets = sets.to_vec();
        sets.iter_mut().for_each(change);
        seen.matches(&sets, path)
    };
    if changed(&|set| set.method = None) {
        return Some(Reason::Method);
    }
    let methods_in_not = |set: &mut MatcherSet| {
        set.not.iter_mut().flatten().for_each(|set| {
            if set.method.is_some() {
                *set = never();
            }
        });
    };
    if changed(&methods_in_not) {
        return None;
    }
    if changed(&|set| (set.path, set.path_regexp) = (None, None)) {
        return Some(Reason::Path);
    }
    sets.iter()
        .find_map(|set| exempted(set, path))
        .map(Reason::Exempt)
}

/// A set that matches nothing.
fn never() -> MatcherSet {
    MatcherSet {
        path: Some(Vec::new()),
        ..MatcherSet::default()
    }
}

/// The pattern by which a `not path` lets the request pass.
fn exempted(set: &MatcherSet, path: Option<&str>) -> Option<String> {
    let path = path?;
    let patterns = set
        .not
        .iter()
        .flatten()
        .flat_map(|set| set.path.iter().flatten());
    let mut matching = patterns.filter(|pattern| super::path_matches(pattern, path));
    matching.next().cloned()
}
