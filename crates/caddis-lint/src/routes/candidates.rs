//! The requests that are tried: around every path, method, field and parameter that the routes of a host look at.

use std::collections::BTreeSet;

use caddis_ir::{Handler, MatcherSet, Route};

use super::credentials::{is_credential_field, is_credential_key, is_forwarded_field};
use super::entry::Entry;
use super::request::Request;
use super::samples;

/// The most requests that are tried for one host.
const MAX_REQUESTS: usize = 500;
/// The most steps through routes that all requests for one host may take together.
const MAX_STEPS: usize = 400_000;
/// A path that nobody has thought of.
const NOWHERE: &str = "/caddis-lint/nothing-here";
/// What people ask model servers for: Ollama's interface, and the one that `OpenAI` made common.
const OF_MODELS: [&str; 4] = ["/api/tags", "/v1/models", "/", NOWHERE];
/// What people ask other servers for.
const USUAL: [&str; 4] = ["/", NOWHERE, "/api/tags", "/v1/models"];

/// What the routes of a host look at.
#[derive(Debug, Default)]
struct Looked<'c> {
    paths: Vec<String>,
    prefixes: BTreeSet<&'c str>,
    methods: BTreeSet<&'c str>,
    headers: BTreeSet<(&'c str, String)>,
    queries: BTreeSet<(&'c str, String)>,
    routes: usize,
}

/// The requests to try, the plainest first.
pub(super) fn requests(entry: &Entry<'_>, has_models: bool) -> Vec<Request> {
    let mut looked = Looked::default();
    for (_, route) in &entry.routes {
        look_at_route(route, &mut looked);
    }
    let named = entry.server.named_routes.values();
    named.for_each(|route| look_at_route(route, &mut looked));
    let most = (MAX_STEPS / (looked.routes + 1)).clamp(8, MAX_REQUESTS);
    let base = Request {
        method: "GET".into(),
        scheme: entry.scheme.into(),
        host: entry.host.clone(),
        port: entry.port,
        ..Request::default()
    };
    let usual = if has_models { OF_MODELS } else { USUAL };
    let paths = paths(&looked, usual, most);
    let mut requests: Vec<Request> = paths.iter().map(|path| base.at(path)).collect();
    let methods = methods(&looked.methods);
    for method in methods {
        requests.extend(paths.iter().map(|path| Request {
            method: method.into(),
            ..base.at(path)
        }));
    }
    for (field, value) in &looked.headers {
        requests.extend(paths.iter().map(|path| base.at(path).with(field, value)));
    }
    for (key, value) in &looked.queries {
        requests.extend(paths.iter().map(|path| base.at(path).asking(key, value)));
    }
    requests.truncate(most);
    requests
}

fn paths(looked: &Looked<'_>, usual: [&str; 4], most: usize) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let usual = usual.into_iter().map(str::to_owned);
    let plain: Vec<String> = usual.chain(looked.paths.iter().cloned()).collect();
    let below = looked.prefixes.iter().flat_map(|prefix| {
        let prefix = prefix.trim_end_matches('/');
        plain.iter().map(move |path| format!("{prefix}{path}"))
    });
    let below: Vec<String> = below.take(most).collect();
    let all = plain.into_iter().chain(below);
    all.filter(|path| seen.insert(path.clone()))
        .take(most)
        .collect()
}

/// The methods that routes ask for, and one that nobody asks for.
fn methods<'c>(asked: &BTreeSet<&'c str>) -> Vec<&'c str> {
    if asked.is_empty() {
        return Vec::new();
    }
    let others = ["DELETE", "POST", "PUT"]
        .into_iter()
        .find(|method| !asked.contains(method));
    others.into_iter().chain(asked.iter().copied()).collect()
}

fn look_at_route<'c>(route: &'c Route, looked: &mut Looked<'c>) {
    looked.routes += 1;
    look_at_sets(&route.matchers, looked);
    for handler in &route.handle {
        match handler {
            Handler::Subroute(subroute) => {
                subroute
                    .routes
                    .iter()
                    .for_each(|route| look_at_route(route, looked));
            }
            Handler::Rewrite(rewrite) if !rewrite.strip_path_prefix.is_empty() => {
                looked.prefixes.insert(&rewrite.strip_path_prefix);
            }
            _ => {}
        }
    }
}

fn look_at_sets<'c>(sets: &'c [MatcherSet], looked: &mut Looked<'c>) {
    for set in sets {
        for pattern in set.path.iter().flatten() {
            looked.paths.extend(samples::of_pattern(pattern));
        }
        if let Some(pattern) = &set.path_regexp
            && let Some(path) = samples::of_path_regex(&pattern.pattern)
        {
            looked.paths.push(path);
        }
        looked
            .methods
            .extend(set.method.iter().flatten().map(String::as_str));
        for (field, values) in set
            .header
            .iter()
            .flatten()
            .filter(|(field, _)| !is_credential_field(field) && !is_forwarded_field(field))
        {
            let value = values.as_ref().and_then(|values| values.first());
            let value = value.map_or("x", String::as_str).replace('*', "x");
            if !value.contains('{') {
                looked.headers.insert((field, value));
            }
        }
        for (key, values) in set
            .query
            .iter()
            .flatten()
            .filter(|(key, _)| !is_credential_key(key))
        {
            let value = values.first().map_or("x", String::as_str).replace('*', "x");
            if !key.is_empty() && !value.contains('{') {
                looked.queries.insert((key, value));
            }
        }
        if let Some(sets) = &set.not {
            look_at_sets(sets, looked);
        }
    }
}
