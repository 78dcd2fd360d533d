//! Whether a matcher matches a request: yes, no, or nobody can tell before it is served.

use std::net::IpAddr;

use caddis_ir::{MatcherSet, Pattern};
use ipnet::IpNet;

use super::patterns::{host_matches, path_matches, value_matches};
use super::regexes::Regexes;
use super::request::Request;
use super::{expression, placeholders};
use crate::environment::Environment;

/// Where the request comes from: an address that is on nobody's list (RFC 5737).
const ANYBODY: &str = "203.0.113.77";

/// An answer with a third value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    Yes,
    No,
    Maybe,
}

impl Truth {
    pub(crate) fn of(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }

    pub(crate) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            (Self::Maybe, _) | (_, Self::Maybe) => Self::Maybe,
        }
    }

    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Yes, _) | (_, Self::Yes) => Self::Yes,
            (Self::No, Self::No) => Self::No,
            (Self::Maybe, _) | (_, Self::Maybe) => Self::Maybe,
        }
    }

    pub(crate) fn negated(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
        }
    }
}

/// What a secret is for those who know it.
pub(crate) const KNOWN_SECRET: &str = "caddis-lint-knows-this-secret";

/// What is assumed of secrets that come from outside of the config.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Secrets {
    /// They are there, and whoever sends the request does not know them.
    Set,
    /// They are empty: the variable is not set, the file is not there.
    Unset,
    /// They are there, and whoever sends the request knows them.
    Known,
}

/// A request on its way through the routes.
#[derive(Clone, Debug)]
pub(super) struct State<'r> {
    pub(super) request: &'r Request,
    pub(super) environment: &'r Environment,
    pub(super) regexes: &'r Regexes,
    pub(super) secrets: Secrets,
    /// As it is now; `None` if a rewrite made something of it that cannot be foreseen.
    pub(super) path: Option<String>,
    pub(super) method: String,
}

impl<'r> State<'r> {
    pub(super) fn new(
        request: &'r Request,
        environment: &'r Environment,
        regexes: &'r Regexes,
        secrets: Secrets,
    ) -> Self {
        Self {
            path: Some(request.path.clone()),
            method: request.method.clone(),
            request,
            environment,
            regexes,
            secrets,
        }
    }
}

/// Whether one of the sets matches; every request is matched by none at all.
pub(super) fn any(sets: &[MatcherSet], state: &State<'_>) -> Truth {
    if sets.is_empty() {
        return Truth::Yes;
    }
    sets.iter()
        .map(|one| set(one, state))
        .fold(Truth::No, Truth::or)
}

/// Whether all of a set matches.
pub(super) fn set(set: &MatcherSet, state: &State<'_>) -> Truth {
    let mut all = Truth::Yes;
    let mut and = |truth: Truth| all = all.and(truth);
    if let Some(hosts) = &set.host {
        and(Truth::of(
            hosts
                .iter()
                .any(|host| host_matches(host, &state.request.host)),
        ));
    }
    if let Some(methods) = &set.method {
        and(Truth::of(methods.contains(&state.method)));
    }
    if let Some(patterns) = &set.path {
        and(paths(patterns, state));
    }
    if let Some(pattern) = &set.path_regexp {
        and(match &state.path {
            Some(path) => regexp(pattern, path, state),
            None => Truth::Maybe,
        });
    }
    for (name, values) in set.header.iter().flatten() {
        and(header(name, values.as_deref(), state));
    }
    for (name, pattern) in set.header_regexp.iter().flatten() {
        and(header_regexp(name, pattern, state));
    }
    for (key, values) in set.query.iter().flatten() {
        and(query(key, values, state));
    }
    for ranges in [&set.remote_ip, &set.client_ip].into_iter().flatten() {
        let ranges: Vec<&str> = ranges.ranges.iter().map(String::as_str).collect();
        and(Truth::of(in_ranges(&ranges)));
    }
    if let Some(expression) = &set.expression {
        and(expression::truth(&expression.expr, state));
    }
    if let Some(protocol) = &set.protocol {
        and(match protocol.as_str() {
            "http" | "https" => Truth::of(*protocol == state.request.scheme),
            "grpc" => Truth::No,
            _ => Truth::Maybe,
        });
    }
    for (key, values) in set.vars.iter().flatten() {
        and(variable(key, values, state));
    }
    if set.file.is_some() || set.tls.is_some() || set.vars_regexp.is_some() {
        and(Truth::Maybe);
    }
    if let Some(sets) = &set.not {
        let inner = sets
            .iter()
            .map(|one| self::set(one, state))
            .fold(Truth::No, Truth::or);
        and(inner.negated());
    }
    all
}

fn paths(patterns: &[String], state: &State<'_>) -> Truth {
    let one = |pattern: &String| match &state.path {
        _ if pattern == "*" || pattern == "/*" => Truth::Yes,
        None => Truth::Maybe,
        Some(_) if pattern.contains('{') || pattern.contains('%') => Truth::Maybe,
        Some(path) => Truth::of(path_matches(pattern, path)),
    };
    patterns.iter().map(one).fold(Truth::No, Truth::or)
}

fn regexp(pattern: &Pattern, text: &str, state: &State<'_>) -> Truth {
    let regex = state.regexes.of(&pattern.pattern);
    regex.map_or(Truth::Maybe, |regex| Truth::of(regex.is_match(text)))
}

fn header(name: &str, wanted: Option<&[String]>, state: &State<'_>) -> Truth {
    let there = state.request.header(name);
    match wanted {
        None => Truth::of(there.is_empty()),
        Some([]) => Truth::of(!there.is_empty()),
        Some(_) if there.is_empty() => Truth::No,
        Some(wanted) => wanted
            .iter()
            .map(|one| value(one, &there, state))
            .fold(Truth::No, Truth::or),
    }
}

fn value(wanted: &str, there: &[&str], state: &State<'_>) -> Truth {
    match placeholders::fill(wanted, state) {
        Some(wanted) => Truth::of(there.iter().any(|value| value_matches(&wanted, value))),
        None if is_secret(wanted) => Truth::No,
        None => Truth::Maybe,
    }
}

/// True for a text with a placeholder that nobody outside knows.
fn is_secret(text: &str) -> bool {
    text.contains("{env.") || text.contains("{file.")
}

fn header_regexp(name: &str, pattern: &Pattern, state: &State<'_>) -> Truth {
    let there = state.request.header(name);
    there
        .iter()
        .map(|value| regexp(pattern, value, state))
        .fold(Truth::No, Truth::or)
}

fn query(key: &str, wanted: &[String], state: &State<'_>) -> Truth {
    let pairs = state.request.query.iter();
    let there: Vec<&str> = pairs
        .filter(|(known, _)| known == key)
        .map(|(_, value)| value.as_str())
        .collect();
    let one = |wanted: &String| match placeholders::fill(wanted, state) {
        Some(wanted) if wanted == "*" => Truth::of(!there.is_empty()),
        Some(wanted) => Truth::of(there.contains(&wanted.as_str())),
        None if is_secret(wanted) => Truth::No,
        None => Truth::Maybe,
    };
    wanted.iter().map(one).fold(Truth::No, Truth::or)
}

/// Whether an address that is on nobody's list is in one of these ranges.
pub(super) fn in_ranges(ranges: &[&str]) -> bool {
    let Ok(anybody) = ANYBODY.parse::<IpAddr>() else {
        return false;
    };
    ranges.iter().any(|range| {
        let net = range.parse::<IpNet>();
        net.is_ok_and(|net| net.contains(&anybody)) || range.parse() == Ok(anybody)
    })
}

/// `vars {placeholder} value…`; of a variable of the request itself nobody knows what it is.
fn variable(key: &str, wanted: &[String], state: &State<'_>) -> Truth {
    let is_placeholder = key.starts_with('{') && key.ends_with('}');
    if !is_placeholder {
        return Truth::Maybe;
    }
    let value = placeholders::fill(key, state);
    let one = |wanted: &String| match (&value, placeholders::fill(wanted, state)) {
        (Some(value), Some(wanted)) => Truth::of(*value == wanted),
        // What is set is not empty.
        (None, Some(_)) if is_secret(key) => Truth::No,
        (_, None) if is_secret(wanted) => Truth::No,
        (_, _) => Truth::Maybe,
    };
    wanted.iter().map(one).fold(Truth::No, Truth::or)
}
