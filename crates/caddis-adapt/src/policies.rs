//! Automation policies: sorted, and those that say the same made one.

use std::collections::{HashMap, HashSet};

use caddis_ir::{AutomationPolicy, CertificateManager, InternalIssuer, Issuer, Ratio};

use crate::names;
use crate::order::stable_sort;

/// An automation policy that is being made.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "most are Caddy's JSON")]
pub(crate) struct Policy {
    pub(crate) subjects: Vec<String>,
    pub(crate) issuers: Vec<Issuer>,
    /// The internal issuer, which nobody wrote: its names can have no other one.
    pub(crate) implied_internal: bool,
    pub(crate) key_type: String,
    pub(crate) on_demand: bool,
    /// Asked at each handshake.
    pub(crate) managers: Vec<CertificateManager>,
    pub(crate) renewal_window_ratio: Option<Ratio>,
    pub(crate) reuse_private_keys: bool,
    pub(crate) ocsp_stapling_off: bool,
}

/// What kind of names a policy has; decides who signs them if the policy does not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Every,
    Public,
    Internal,
    Mixed,
}

impl Kind {
    fn joined(self, other: Self) -> Self {
        match (self, other) {
            (Self::Every, kind) | (kind, Self::Every) => kind,
            (Self::Public, Self::Public) => Self::Public,
            (Self::Internal, Self::Internal) => Self::Internal,
            (Self::Public | Self::Internal | Self::Mixed, _) => Self::Mixed,
        }
    }
}

impl Policy {
    /// True if all its names can be signed by a public authority.
    pub(crate) fn is_for_public_names(&self) -> bool {
        self.subjects
            .iter()
            .all(|name| names::is_public(name, self.on_demand) && !names::is_tailscale(name))
    }

    /// True if it says nothing but which names it is for.
    fn is_empty(&self) -> bool {
        let subjects = self.subjects.clone();
        *self
            == Self {
                subjects,
                ..Self::default()
            }
    }

    fn kind(&self) -> Kind {
        let public = |name: &String| names::is_public(name, self.on_demand);
        let publics = self.subjects.iter().filter(|name| public(name)).count();
        if self.subjects.is_empty() {
            Kind::Every
        } else if publics == self.subjects.len() {
            Kind::Public
        } else if publics == 0 {
            Kind::Internal
        } else {
            Kind::Mixed
        }
    }

    /// True if the names of both are signed by the same issuers.
    fn has_same_issuers(&self, kind: Kind, other: &Self, other_kind: Kind) -> bool {
        if self.written_issuers() == other.written_issuers() {
            let nobody = self.issuers.is_empty()
                && other.issuers.is_empty()
                && !self.implied_internal
                && !other.implied_internal;
            let every = kind == Kind::Every || other_kind == Kind::Every;
            return !nobody || every || kind == other_kind;
        }
        self.is_internal_by_default(kind) && other.is_internal_by_default(other_kind)
    }

    fn is_internal_by_default(&self, kind: Kind) -> bool {
        self.implied_internal || (self.issuers.is_empty() && kind == Kind::Internal)
    }

    /// What policies that can be joined have in common: all but the names, with the internal issuer for none.
    fn likeness(&self) -> String {
        let issuers = self.written_issuers();
        let issuers: &[Issuer] = match issuers.as_slice() {
            [Issuer::Internal(internal)] if *internal == InternalIssuer::default() => &[],
            issuers => issuers,
        };
        // A setting for all names makes no difference, so OCSP is not among them, as in Caddy.
        let Self {
            key_type,
            on_demand,
            managers,
            renewal_window_ratio: ratio,
            reuse_private_keys: reuse,
            ..
        } = self;
        format!("{key_type} {on_demand} {issuers:?} {managers:?} {ratio:?} {reuse}")
    }

    fn written_issuers(&self) -> Vec<Issuer> {
        if self.implied_internal {
            vec![Issuer::Internal(InternalIssuer::default())]
        } else {
            self.issuers.clone()
        }
    }

    fn into_ir(self) -> AutomationPolicy {
        AutomationPolicy {
            issuers: self.written_issuers(),
            subjects: self.subjects,
            key_type: self.key_type,
            on_demand: self.on_demand,
            get_certificate: self.managers,
            renewal_window_ratio: self.renewal_window_ratio,
            reuse_private_keys: self.reuse_private_keys,
            disable_ocsp_stapling: self.ocsp_stapling_off,
            ..AutomationPolicy::default()
        }
    }
}

/// Sorts the policies, the most specific first, drops those that say nothing, and joins those that say the same.
pub(crate) fn consolidate(mut policies: Vec<Policy>) -> Vec<AutomationPolicy> {
    if policies.iter().all(Policy::is_empty) {
        return Vec::new();
    }
    stable_sort(&mut policies, is_before);
    let mut list = List::new(policies);
    list.drop_empty();
    list.join();
    list.into_ir()
}

fn is_before(a: &Policy, b: &Policy) -> bool {
    if is_subset(a, b) {
        true
    } else if is_subset(b, a) {
        false
    } else {
        a.subjects.len() > b.subjects.len()
    }
}

/// True if all names of the first are names of the second.
fn is_subset(a: &Policy, b: &Policy) -> bool {
    if b.subjects.is_empty() {
        return true;
    }
    let covered = |name: &String| b.subjects.iter().any(|other| covers(other, name));
    !a.subjects.is_empty() && a.subjects.iter().all(covered)
}

fn covers(pattern: &str, name: &str) -> bool {
    if pattern.contains('*') {
        return names::covering(name).contains(&pattern.to_lowercase());
    }
    let is_ascii = pattern.is_ascii() && name.is_ascii();
    pattern.eq_ignore_ascii_case(name)
        || (!is_ascii && pattern.to_lowercase() == name.to_lowercase())
}

/// Policies by place, with an index of their names, so that nothing is compared with everything.
struct List {
    slots: Vec<Option<Policy>>,
    by_name: HashMap<String, Vec<usize>>,
    for_every: Vec<usize>,
}

impl List {
    fn new(policies: Vec<Policy>) -> Self {
        let mut by_name: HashMap<String, Vec<usize>> = HashMap::new();
        let mut for_every = Vec::new();
        for (at, policy) in policies.iter().enumerate() {
            if policy.subjects.is_empty() {
                for_every.push(at);
            }
            for name in &policy.subjects {
                let places = by_name.entry(name.to_lowercase()).or_default();
                if places.last() != Some(&at) {
                    places.push(at);
                }
            }
        }
        Self {
            slots: policies.into_iter().map(Some).collect(),
            by_name,
            for_every,
        }
    }

    /// The first policy behind this one that has all its names too.
    fn shadowed_by(&self, at: usize) -> Option<usize> {
        let policy = self.slots.get(at)?.as_ref()?;
        let later = |place: &&usize| **place > at && self.slots[**place].is_some();
        let every = self.for_every.iter().find(later).copied();
        let Some(first) = policy.subjects.first() else {
            return every;
        };
        let names = names::covering(first);
        let places = names.iter().filter_map(|name| self.by_name.get(name));
        let fitting = places.flatten().filter(later).filter(|place| {
            let other = self.slots[**place].as_ref();
            other.is_some_and(|other| is_subset(policy, other))
        });
        fitting.copied().chain(every).min()
    }

    /// A policy that says nothing is needed only where it keeps names from one that says something.
    fn drop_empty(&mut self) {
        let Some(mut last) = self.slots.len().checked_sub(1) else {
            return;
        };
        for at in 0..self.slots.len() {
            let is_empty = |slot: Option<&Option<Policy>>| {
                slot.and_then(Option::as_ref).is_some_and(Policy::is_empty)
            };
            if !is_empty(self.slots.get(at)) {
                continue;
            }
            let shadowed = self.shadowed_by(at);
            if at == last || shadowed.is_some_and(|by| is_empty(self.slots.get(by))) {
                self.slots[at] = None;
                if at == last {
                    last = self.slots.iter().rposition(Option::is_some).unwrap_or(0);
                }
            }
        }
    }

    /// Joins policies that say the same of different names.
    fn join(&mut self) {
        let mut groups: HashMap<String, usize> = HashMap::new();
        let mut alike: Vec<Vec<usize>> = Vec::new();
        let mut group_of = vec![0; self.slots.len()];
        for (at, slot) in self.slots.iter().enumerate() {
            if let Some(policy) = slot {
                let group = *groups.entry(policy.likeness()).or_insert(alike.len());
                alike.resize_with(alike.len().max(group + 1), Vec::new);
                alike[group].push(at);
                group_of[at] = group;
            }
        }
        for (at, group) in group_of.into_iter().enumerate() {
            if self.slots[at].is_some() {
                let places = std::mem::take(&mut alike[group]);
                alike[group] = self.join_one(at, places);
            }
        }
    }

    /// Joins what can be joined with one policy; gives back the places that are left.
    fn join_one(&mut self, at: usize, places: Vec<usize>) -> Vec<usize> {
        let Some(mut policy) = self.slots[at].take() else {
            return places;
        };
        let mut kind = policy.kind();
        let mut known: HashSet<String> = policy.subjects.iter().cloned().collect();
        let mut is_needed = true;
        let mut left = Vec::new();
        for place in places {
            let same = place > at
                && is_needed
                && self.slots[place]
                    .as_ref()
                    .is_some_and(|other| policy.has_same_issuers(kind, other, other.kind()));
            if !same {
                left.push(place);
                continue;
            }
            let other = self.slots[place].as_ref();
            let other_is_every = other.is_some_and(|other| other.subjects.is_empty());
            if !policy.subjects.is_empty() && other_is_every {
                // The later policy is for every name, these ones included, unless another one comes between.
                self.slots[at] = Some(policy.clone());
                is_needed = self.shadowed_by(at) < Some(place);
                self.slots[at] = None;
                left.push(place);
                continue;
            }
            let other = self.slots[place].take().unwrap_or_default();
            kind = kind.joined(other.kind());
            let new = other
                .subjects
                .into_iter()
                .filter(|name| known.insert(name.clone()));
            policy.subjects.extend(new);
        }
        if is_needed {
            self.slots[at] = Some(policy);
        }
        left
    }

    fn into_ir(self) -> Vec<AutomationPolicy> {
        let policies = self.slots.into_iter().flatten();
        policies.map(Policy::into_ir).collect()
    }
}
