//! TLS connection policies of a server: matched to its hosts, then merged.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::rc::Rc;

use caddis_ir::{ConnectionMatch, ConnectionPolicy};
use caddis_source::{Code, Diagnostic, Span};

use crate::Options;
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
    pub(crate) fn new(policy: ConnectionPolicy, span: Option<Span>) -> Self {
        Self {
            policy: Rc::new(RefCell::new(policy)),
            span,
        }
    }

    /// A policy for every connection that no other one takes, with nothing but what the global options say.
    pub(crate) fn catch_all(options: &Options) -> Self {
        let policy = Self::new(ConnectionPolicy::default(), None);
        policy.take_names(options);
        policy
    }

    /// The names that count where a client names none, or one without a certificate.
    fn take_names(&self, options: &Options) {
        let mut policy = self.policy.borrow_mut();
        policy.default_sni.clone_from(&options.tls.default_sni);
        policy.fallback_sni.clone_from(&options.tls.fallback_sni);
    }

    /// The policy itself.
    pub(crate) fn get(&self) -> ConnectionPolicy {
        self.policy.borrow().clone()
    }

    /// Makes it a policy for these hosts; for all if there are none.
    ///
    /// If one of them is the name for clients without one, it is for these clients as well; the empty name stays among
    /// the hosts for the policies after it, as in Caddy.
    pub(crate) fn match_hosts(&self, hosts: &mut Vec<String>, options: &Options) {
        if hosts.is_empty() {
            return self.take_names(options);
        }
        let mut policy = self.policy.borrow_mut();
        let (default, fallback) = (&options.tls.default_sni, &options.tls.fallback_sni);
        let named = hosts
            .iter()
            .find(|host| *host == default || *host == fallback);
        if let Some(named) = named {
            if named == default {
                policy.default_sni.clone_from(default);
            } else {
                policy.fallback_sni.clone_from(fallback);
            }
            hosts.push(String::new());
        }
        hosts.sort_unstable();
        policy.matchers = Some(ConnectionMatch {
            sni: hosts.clone(),
            ..ConnectionMatch::default()
        });
    }

    /// True if it says anything beside the hosts that it is for.
    pub(crate) fn has_settings(&self) -> bool {
        !have_same_settings(&self.policy.borrow(), &ConnectionPolicy::default())
    }
}

/// True if they differ by nothing but the connections that they are for.
fn have_same_settings(a: &ConnectionPolicy, b: &ConnectionPolicy) -> bool {
    a.certificate_selection == b.certificate_selection
        && a.cipher_suites == b.cipher_suites
        && a.curves == b.curves
        && a.alpn == b.alpn
        && a.protocol_min == b.protocol_min
        && a.protocol_max == b.protocol_max
        && a.client_authentication == b.client_authentication
        && a.default_sni == b.default_sni
        && a.fallback_sni == b.fallback_sni
        && a.insecure_secrets_log == b.insecure_secrets_log
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
        Self {
            slots: policies.into_iter().map(Some).collect(),
            fingerprints,
            by_match,
        }
    }

    fn first(&self) -> Option<usize> {
        self.slots.iter().position(Option::is_some)
    }

    fn next(&self, at: usize) -> Option<usize> {
        let rest = self.slots.iter().enumerate().skip(at + 1);
        rest.filter(|(_, slot)| slot.is_some())
            .map(|(at, _)| at)
            .next()
    }

    fn step(&self, at: usize) -> Option<Step> {
        let own = self.slots[at].as_ref()?.policy.borrow();
        let follower = self.next(at).filter(|next| {
            let next = self.slots[*next].as_ref();
            next.is_some_and(|next| {
                let next = next.policy.borrow();
                next.matchers.is_some() && own.matchers.is_some() && have_same_settings(&next, &own)
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
        let taken = self.slots[other].take();
        let (Some(own), Some(taken)) = (&self.slots[at], taken) else {
            return;
        };
        match step {
            Step::Same(_) => {
                let conflict = merge(&mut own.policy.borrow_mut(), &taken.policy.borrow());
                if let (Some(what), Some(span)) = (conflict, own.span) {
                    let error = Diagnostic::error(CONFLICT, span, conflict_message(what))
                        .help("write one `tls` with all settings");
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
    if let Some(conflict) = conflict(own, other) {
        return Some(conflict);
    }
    for (own, other) in [
        (&mut own.protocol_min, &other.protocol_min),
        (&mut own.protocol_max, &other.protocol_max),
        (&mut own.default_sni, &other.default_sni),
        (&mut own.fallback_sni, &other.fallback_sni),
    ] {
        if own.is_empty() {
            own.clone_from(other);
        }
    }
    for (own, other) in [
        (&mut own.alpn, &other.alpn),
        (&mut own.cipher_suites, &other.cipher_suites),
        (&mut own.curves, &other.curves),
    ] {
        if own.is_empty() {
            own.clone_from(other);
        }
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

fn conflict(own: &ConnectionPolicy, other: &ConnectionPolicy) -> Option<&'static str> {
    let texts = |a: &str, b: &str| !a.is_empty() && !b.is_empty() && a != b;
    let lists = |a: &[String], b: &[String]| !a.is_empty() && !b.is_empty() && a != b;
    // Of two `client_auth`, Caddy keeps the first; but one that only comes later is a conflict.
    let client = own.client_authentication.is_none() && other.client_authentication.is_some();
    let found = [
        (lists(&own.alpn, &other.alpn), "`alpn`"),
        (lists(&own.cipher_suites, &other.cipher_suites), "ciphers"),
        (client, "`client_auth`"),
        (lists(&own.curves, &other.curves), "curves"),
        (
            texts(&own.protocol_min, &other.protocol_min),
            "oldest protocols",
        ),
        (
            texts(&own.protocol_max, &other.protocol_max),
            "newest protocols",
        ),
    ];
    found
        .into_iter()
        .find_map(|(is_conflict, what)| is_conflict.then_some(what))
}
