//! TLS connection policies of a server: matched to its hosts, then merged.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use caddis_ir::{CertificateSelection, ConnectionMatch, ConnectionPolicy};
use caddis_source::{Code, Diagnostic, Span};

use crate::scope::State;
use crate::sites::Site;

const CONFLICT: Code = Code("tls/conflict");

/// A policy and the line that it comes from.
///
/// A site that two servers have gives both the same policy, and what is done to it for one server is done to
/// it for the other: so it is in Caddy.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    policy: Rc<RefCell<ConnectionPolicy>>,
    pub(crate) span: Option<Span>,
}

/// The policies of every site.
pub(crate) struct Shared(Vec<Vec<Policy>>);

impl Shared {
    pub(crate) fn of(&self, site: usize) -> &[Policy] {
        self.0.get(site).map_or(&[], Vec::as_slice)
    }
}

pub(crate) fn shared(sites: &[Site]) -> Shared {
    let of_site = |site: &Site| -> Vec<Policy> {
        let policies = site.connection_policies.iter();
        policies
            .map(|(policy, span)| Policy::new(policy.clone(), Some(*span)))
            .collect()
    };
    Shared(sites.iter().map(of_site).collect())
}

impl Policy {
    fn new(policy: ConnectionPolicy, span: Option<Span>) -> Self {
        Self {
            policy: Rc::new(RefCell::new(policy)),
            span,
        }
    }

    /// A policy without settings, for every connection that no other one takes.
    pub(crate) fn catch_all() -> Self {
        Self::new(ConnectionPolicy::default(), None)
    }

    /// The policy itself.
    pub(crate) fn get(&self) -> ConnectionPolicy {
        self.policy.borrow().clone()
    }

    /// Makes it a policy for these hosts; for all if there are none.
    pub(crate) fn match_hosts(&self, hosts: &[String]) {
        if hosts.is_empty() {
            return;
        }
        let mut sni = hosts.to_vec();
        sni.sort_unstable();
        self.policy.borrow_mut().matchers = Some(ConnectionMatch { sni });
    }

    /// True if it says anything beside the hosts that it is for.
    pub(crate) fn has_settings(&self) -> bool {
        let policy = self.policy.borrow();
        settings(&policy) != (&None, "", "")
    }
}

fn settings(policy: &ConnectionPolicy) -> (&Option<CertificateSelection>, &str, &str) {
    (
        &policy.certificate_selection,
        &policy.protocol_min,
        &policy.protocol_max,
    )
}

/// Puts policies for all hosts last, drops equal ones, and joins those that can be one.
pub(crate) fn consolidate(policies: &mut Vec<Policy>, state: &mut State) {
    policies.sort_by_key(|policy| policy.policy.borrow().matchers.is_none());
    if policies.len() < 2 {
        return;
    }
    let mut list = List::new(std::mem::take(policies));
    let mut at = list.first();
    while let Some(current) = at {
        // Each step takes one policy away, and the one that stays is compared with all others again.
        while let Some(step) = list.step(current) {
            list.take(current, step, state);
        }
        at = list.next(current);
    }
    *policies = list.into_policies();
}

/// What can be done with a policy and another one.
#[derive(Clone, Copy)]
enum Step {
    /// They are for the same connections.
    Same(usize),
    /// The other one follows and differs by its hosts alone.
    Follows(usize),
}

/// Policies by place, with an index by the connections that they are for.
struct List {
    slots: Vec<Option<Policy>>,
    fingerprints: Vec<u64>,
    by_match: HashMap<u64, Vec<usize>>,
    /// The places that are still taken before and behind each.
    neighbours: Vec<Neighbours>,
}

#[derive(Clone, Copy)]
struct Neighbours {
    before: Option<usize>,
    behind: Option<usize>,
}

impl List {
    fn new(policies: Vec<Policy>) -> Self {
        let fingerprints: Vec<u64> = policies
            .iter()
            .map(|policy| fingerprint(0, policy.policy.borrow().matchers.as_ref()))
            .collect();
        let mut by_match: HashMap<u64, Vec<usize>> = HashMap::new();
        for (at, print) in fingerprints.iter().enumerate() {
            by_match.entry(*print).or_default().push(at);
        }
        let neighbours = (0..policies.len()).map(|at| Neighbours {
            before: at.checked_sub(1),
            behind: Some(at + 1).filter(|behind| *behind < policies.len()),
        });
        Self {
            neighbours: neighbours.collect(),
            slots: policies.into_iter().map(Some).collect(),
            fingerprints,
            by_match,
        }
    }

    fn first(&self) -> Option<usize> {
        self.slots.iter().position(Option::is_some)
    }

    fn next(&self, at: usize) -> Option<usize> {
        self.neighbours.get(at)?.behind
    }

    /// Takes a policy out of the list.
    fn remove(&mut self, at: usize) -> Option<Policy> {
        let Neighbours { before, behind } = self.neighbours[at];
        if let Some(before) = before {
            self.neighbours[before].behind = behind;
        }
        if let Some(behind) = behind {
            self.neighbours[behind].before = before;
        }
        self.slots[at].take()
    }

    fn step(&self, at: usize) -> Option<Step> {
        let own = self.slots[at].as_ref()?.policy.borrow();
        let follower = self.next(at).filter(|next| {
            let next = self.slots[*next].as_ref();
            next.is_some_and(|next| {
                let next = next.policy.borrow();
                next.matchers.is_some()
                    && own.matchers.is_some()
                    && settings(&next) == settings(&own)
            })
        });
        let same = self.by_match.get(&self.fingerprints[at]).and_then(|list| {
            let is_same = |other: usize| {
                let other = self.slots[other].as_ref();
                other.is_some_and(|other| other.policy.borrow().matchers == own.matchers)
            };
            list.iter()
                .copied()
                .filter(|other| *other != at && is_same(*other))
                .min()
        });
        match (same, follower) {
            (Some(same), Some(follower)) if follower < same => Some(Step::Follows(follower)),
            (Some(same), _) => Some(Step::Same(same)),
            (None, follower) => follower.map(Step::Follows),
        }
    }

    fn take(&mut self, at: usize, step: Step, state: &mut State) {
        let (Step::Same(other) | Step::Follows(other)) = step;
        self.forget(other);
        let taken = self.remove(other);
        let (Some(own), Some(taken)) = (&self.slots[at], taken) else {
            return;
        };
        match step {
            Step::Same(_) => {
                let conflict = merge(&mut own.policy.borrow_mut(), &taken.policy.borrow());
                if let (Some(what), Some(span)) = (conflict, own.span) {
                    let error = Diagnostic::error(CONFLICT, span, conflict_message(what))
                        .help("write one `tls` with all settings, or the same `protocols` in both");
                    state.diagnostics.push(match taken.span {
                        Some(other) => error.also(other, "the other one"),
                        None => error,
                    });
                }
            }
            Step::Follows(_) => {
                let sni = taken.policy.borrow().matchers.clone();
                self.extend(at, sni.unwrap_or_default());
            }
        }
    }

    fn extend(&mut self, at: usize, more: ConnectionMatch) {
        self.forget(at);
        let print = fingerprint(self.fingerprints[at], Some(&more));
        self.fingerprints[at] = print;
        self.by_match.entry(print).or_default().push(at);
        if let Some(own) = &self.slots[at] {
            let mut own = own.policy.borrow_mut();
            own.matchers.get_or_insert_default().sni.extend(more.sni);
        }
    }

    fn forget(&mut self, at: usize) {
        if let Some(list) = self.by_match.get_mut(&self.fingerprints[at]) {
            list.retain(|other| *other != at);
        }
    }

    fn into_policies(self) -> Vec<Policy> {
        self.slots.into_iter().flatten().collect()
    }
}

/// A hash of the hosts in order, which goes on when hosts are added.
fn fingerprint(start: u64, matchers: Option<&ConnectionMatch>) -> u64 {
    let Some(matchers) = matchers else {
        return start;
    };
    matchers.sni.iter().fold(start, |print, name| {
        let mut hasher = DefaultHasher::new();
        (print, name).hash(&mut hasher);
        hasher.finish()
    })
}

fn conflict_message(what: &str) -> String {
    format!("two `tls` settings for the same hosts have different {what}")
}

/// Takes over what the other policy says; gives back what both say differently.
fn merge(own: &mut ConnectionPolicy, other: &ConnectionPolicy) -> Option<&'static str> {
    let conflict = |a: &str, b: &str| !a.is_empty() && !b.is_empty() && a != b;
    if conflict(&own.protocol_min, &other.protocol_min) {
        return Some("oldest protocols");
    }
    if conflict(&own.protocol_max, &other.protocol_max) {
        return Some("newest protocols");
    }
    if own.protocol_min.is_empty() {
        own.protocol_min.clone_from(&other.protocol_min);
    }
    if own.protocol_max.is_empty() {
        own.protocol_max.clone_from(&other.protocol_max);
    }
    if let Some(selection) = &other.certificate_selection {
        let own = own.certificate_selection.get_or_insert_default();
        for tag in &selection.any_tag {
            if !own.any_tag.contains(tag) {
                own.any_tag.push(tag.clone());
            }
        }
    }
    None
}
