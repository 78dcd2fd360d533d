//! Sites of a server → its routes, TLS policies and logs.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use caddis_ir::{AutomaticHttps, Handler, MatcherSet, Route, Server, ServerLogs, Subroute};
use caddis_source::{Code, Diagnostic};

use crate::address::{join_host_port, split_host_port};
use crate::connection_policies::{self, Policy};
use crate::listeners::{Pairing, Share};
use crate::names::specificity;
use crate::origins::{At, RouteTrail, Trail};
use crate::routes::{self, Sorting};
use crate::scope::State;
use crate::sites::{Key, Site};
use crate::{Options, client_auth_shield, odd_addresses, order, schemes};

const AMBIGUOUS: Code = Code("site/ambiguous");

/// A server that is being put together.
#[derive(Default)]
pub(crate) struct Draft {
    pub(crate) server: Server,
    pub(crate) routes: Vec<(Route, RouteTrail)>,
    pub(crate) error_routes: Vec<(Route, RouteTrail)>,
    pub(crate) policies: Vec<Policy>,
    pub(crate) trail: Trail,
    /// The hosts of `automatic_https.skip`.
    skip: HashSet<String>,
    /// Hosts of sites that say nothing of TLS connections.
    silent: Vec<Vec<String>>,
    has_catch_all_policy: bool,
    is_tls: bool,
    gets_policy_by_itself: bool,
}

/// Builds every server. Sorts each pairing's sites, the most specific first, for the steps after it.
pub(crate) fn build(
    pairings: &mut [Pairing],
    sites: &mut [Site],
    options: &Options,
    state: &mut State,
) -> Vec<Draft> {
    let shared = connection_policies::shared(sites);
    for share in pairings.iter().flat_map(|pairing| &pairing.shares) {
        sites[share.site].servers += 1;
    }
    let drafts = pairings.iter_mut().map(|pairing| {
        report_ambiguous(pairing, sites, state);
        odd_addresses::report(pairing, sites, state);
        pairing
            .shares
            .sort_by_cached_key(|share| rank(&keys(share, &sites[share.site])));
        let mut draft = start(pairing, sites, options);
        for share in &pairing.shares {
            draft.add(share, pairing, sites, &shared, options, state);
        }
        draft.finish(pairing, sites, options, state);
        draft
    });
    drafts.collect()
}

/// The addresses of the share.
pub(crate) fn keys<'a>(share: &Share, site: &'a Site) -> Vec<&'a Key> {
    let keys = share.keys.iter();
    keys.filter_map(|at| site.keys.get(*at)).collect()
}

/// The hosts of the addresses, each once; none if one of them means every host.
pub(crate) fn hosts(keys: &[&Key]) -> Vec<String> {
    if has_catch_all(keys) {
        return Vec::new();
    }
    unique(keys.iter().map(|key| key.address.host.clone()))
}

fn has_catch_all(keys: &[&Key]) -> bool {
    keys.iter().any(|key| key.address.host.is_empty())
}

/// Each once, in order.
pub(crate) fn unique(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = HashSet::new();
    names.filter(|name| seen.insert(name.clone())).collect()
}

fn report_ambiguous(pairing: &Pairing, sites: &[Site], state: &mut State) {
    let mut seen: HashMap<&str, (usize, &Key)> = HashMap::new();
    for (at, share) in pairing.shares.iter().enumerate() {
        for key in keys(share, &sites[share.site]) {
            let (first_share, first) = *seen.entry(&key.text).or_insert((at, key));
            if first_share != at {
                let message = format!("`{}` is the address of two sites", key.text);
                let error = Diagnostic::error(AMBIGUOUS, key.span, message)
                    .label("again here")
                    .also(first.span, "first here")
                    .caddys(format!("ambiguous site definition: {}", key.text))
                    .help("put both sites into one block, or give them different addresses");
                state.diagnostics.push(error);
            }
        }
    }
}

/// What sorts sites: those for every host last, wildcards after names, longer hosts first, then longer paths.
fn rank(keys: &[&Key]) -> (bool, bool, Reverse<isize>, Reverse<usize>) {
    let mut wildcard = false;
    let (mut host, mut path) = ("", "");
    for key in keys {
        wildcard |= key.address.host.is_empty() || key.address.host.contains('*');
        if specificity(&key.address.host) > specificity(host) {
            host = &key.address.host;
        }
        if specificity(&key.address.path) > specificity(path) {
            path = &key.address.path;
        }
    }
    let host = specificity(host);
    if host == 0 {
        return (true, true, Reverse(0), Reverse(0));
    }
    (false, wildcard, Reverse(host), Reverse(path.len()))
}

fn start(pairing: &Pairing, sites: &[Site], options: &Options) -> Draft {
    let mut draft = Draft::default();
    let listeners = pairing.listeners.iter();
    draft.server.listen = listeners.map(|listener| listener.text.clone()).collect();
    draft.server.listen_protocols = pairing.listen_protocols();
    if options.auto_https != AutomaticHttps::default() {
        draft.server.automatic_https = Some(options.auto_https.clone());
    }
    draft.gets_policy_by_itself = !options.auto_https.disabled;
    let logs = |share: &Share| !sites[share.site].logs.is_empty();
    if pairing.shares.iter().any(logs) {
        draft.server.logs = Some(ServerLogs::default());
    }
    draft.trail = listen_trail(pairing, sites);
    draft
}

/// An address to listen on comes from the site's address, or from its `bind`.
fn listen_trail(pairing: &Pairing, sites: &[Site]) -> Trail {
    let first = pairing.shares.first();
    let site = first.and_then(|share| sites.get(share.site));
    let bind = site.and_then(|site| site.binds.first().map(|bind| bind.span));
    let key = site.zip(first).and_then(|(site, share)| {
        let at = share.keys.first()?;
        site.keys.get(*at).map(|key| key.span)
    });
    let listeners = pairing.listeners.iter().map(|_| Trail {
        span: bind.or(key),
        children: Vec::new(),
    });
    let trail = Trail {
        span: key,
        children: vec![(At::Key("listen"), Trail::list(listeners))],
    };
    match bind {
        Some(bind) => trail.with(At::Key("listen_protocols"), Trail::at(bind)),
        None => trail,
    }
}

impl Draft {
    fn add(
        &mut self,
        share: &Share,
        pairing: &Pairing,
        sites: &mut [Site],
        shared: &connection_policies::Shared,
        options: &Options,
        state: &mut State,
    ) {
        let site = &mut sites[share.site];
        // Sorted in place, as Caddy does: a site on two servers is sorted twice.
        options.order.sort(&mut site.routes);
        let pieces = site.routes_for_server();
        order::sort_error_routes(&mut site.error_routes);
        let errors = site.error_routes.clone();
        let site = &*site;
        let keys = keys(share, site);
        let hosts = hosts(&keys);
        self.add_policies(share.site, site, &hosts, shared, options);
        for key in &keys {
            self.note_scheme(key, site, pairing, options);
        }
        let built = routes::build(pieces, Sorting::AsWritten, &options.order, state);
        let is_alone = pairing.shares.len() == 1;
        add_routes(&mut self.routes, built, &keys, is_alone);
        if !errors.is_empty() {
            add_routes(&mut self.error_routes, errors, &keys, is_alone);
        }
        self.add_logs(site, &keys, &hosts);
    }

    fn add_policies(
        &mut self,
        at: usize,
        site: &Site,
        hosts: &[String],
        shared: &connection_policies::Shared,
        options: &Options,
    ) {
        let mut is_silent = true;
        let mut names = hosts.to_vec();
        for policy in shared.of(at) {
            policy.match_hosts(&mut names, options);
            let forced = site.force_automate && !hosts.is_empty();
            if forced || policy.has_settings() {
                self.policies.push(policy.clone());
                self.has_catch_all_policy = hosts.is_empty();
                is_silent = false;
            }
        }
        if is_silent {
            self.silent.push(hosts.to_vec());
        }
    }

    /// Notes what the address says of TLS, and leaves hosts with `http://` out of automatic HTTPS.
    fn note_scheme(&mut self, key: &Key, site: &Site, pairing: &Pairing, options: &Options) {
        let address = &key.address;
        let (is_http, has_host) = (address.scheme == "http", !address.host.is_empty());
        let at_http_port = address.port == options.http().to_string();
        let mixed = schemes::is_beside(&pairing.listeners, options.http());
        if mixed && is_http && has_host && self.skip.insert(address.host.clone()) {
            let automatic = self.server.automatic_https.get_or_insert_default();
            automatic.skip.push(address.host.clone());
        }
        let is_tls = !site.connection_policies.is_empty()
            || (has_host && !self.skip.contains(&address.host));
        if address.scheme == "https" || (!is_http && !at_http_port && is_tls) {
            self.is_tls = true;
        }
        let at_default_port = address.port == options.https().to_string();
        self.gets_policy_by_itself &= at_default_port || (!at_http_port && has_host);
    }

    fn add_logs(&mut self, site: &Site, keys: &[&Key], hosts: &[String]) {
        let Some(logs) = &mut self.server.logs else {
            return;
        };
        if site.logs.is_empty() {
            logs.skip_unmapped_hosts |= hosts.is_empty();
            logs.skip_hosts.extend(log_hosts(keys));
            return;
        }
        for log in site.logs.iter().filter(|log| !log.no_hostname) {
            let name = log.name.clone().unwrap_or_default();
            if !log.hosts.is_empty() {
                add_logger(logs, log.hosts.iter().cloned(), &name);
            } else if has_catch_all(keys) {
                logs.default_logger_name = name;
            } else {
                add_logger(
                    logs,
                    log_hosts(keys).iter().map(|host| without_port(host)),
                    &name,
                );
            }
        }
    }

    fn finish(&mut self, pairing: &Pairing, sites: &[Site], options: &Options, state: &mut State) {
        if let Some(logs) = &mut self.server.logs {
            logs.skip_hosts.sort_unstable();
        }
        schemes::check(pairing, sites, !self.policies.is_empty(), options, state);
        for hosts in &self.silent {
            client_auth_shield::protect(&mut self.policies, hosts);
        }
        let catch_all = Policy::catch_all(options);
        let adds = !self.policies.is_empty() || !self.gets_policy_by_itself;
        let says_something = catch_all.has_settings();
        if self.is_tls && !self.has_catch_all_policy && (adds || says_something) {
            self.policies.push(catch_all);
        }
        connection_policies::consolidate(&mut self.policies, state);
        self.routes = routes::merge(std::mem::take(&mut self.routes));
    }
}

/// Adds a site's routes, wrapped so that only the first site that matches is taken.
fn add_routes(
    routes: &mut Vec<(Route, RouteTrail)>,
    built: Vec<(Route, RouteTrail)>,
    keys: &[&Key],
    is_alone: bool,
) {
    let matchers = matchers(keys);
    let has_host_matcher = built
        .iter()
        .any(|(route, _)| route.matchers.iter().any(|set| set.host.is_some()));
    // A host matcher at the top would count as a name of the server, for automatic HTTPS.
    if matchers.is_empty() && is_alone && !has_host_matcher {
        routes.extend(built);
        return;
    }
    if matchers.is_empty() && built.is_empty() {
        return;
    }
    routes.push(wrapped(built, matchers, keys));
}

fn wrapped(
    built: Vec<(Route, RouteTrail)>,
    matchers: Vec<MatcherSet>,
    keys: &[&Key],
) -> (Route, RouteTrail) {
    let span = keys.first().map(|key| key.span);
    let (routes, trails): (Vec<_>, Vec<_>) = built.into_iter().unzip();
    let has_routes = !routes.is_empty();
    let subroute = Handler::Subroute(Subroute {
        routes,
        errors: None,
    });
    let nested = Trail::list(trails.into_iter().map(Trail::from));
    let handler = Trail {
        span,
        children: vec![(At::Key("routes"), nested)],
    };
    let trail = RouteTrail {
        span,
        matchers: matchers
            .iter()
            .filter_map(|_| span.map(Trail::at))
            .collect(),
        handlers: has_routes.then_some(handler).into_iter().collect(),
    };
    let route = Route {
        matchers,
        handle: has_routes.then_some(subroute).into_iter().collect(),
        terminal: true,
        ..Route::default()
    };
    (route, trail)
}

/// The matchers of a site: its hosts, by path if its addresses have paths.
fn matchers(keys: &[&Key]) -> Vec<MatcherSet> {
    let mut by_path: Vec<(&str, Vec<String>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut seen: HashSet<(usize, &str)> = HashSet::new();
    let mut every_host = false;
    for key in keys {
        let (host, path) = (key.address.host.as_str(), key.address.path.as_str());
        let at = *places.entry(path).or_insert_with(|| {
            by_path.push((path, Vec::new()));
            by_path.len() - 1
        });
        if host.is_empty() && !every_host {
            by_path[at].1.clear();
            every_host = true;
        }
        if !every_host && seen.insert((at, host)) {
            by_path[at].1.push(host.into());
        }
    }
    let sets = by_path.into_iter().map(|(path, hosts)| MatcherSet {
        host: (!hosts.is_empty()).then_some(hosts),
        path: (!path.is_empty()).then(|| vec![path.into()]),
        ..MatcherSet::default()
    });
    sets.filter(|set| !set.is_empty()).collect()
}

/// The hosts as a request names them: with the port, unless it goes without saying.
fn log_hosts(keys: &[&Key]) -> Vec<String> {
    let named = keys.iter().filter(|key| !key.address.host.is_empty());
    unique(named.map(|key| {
        let address = &key.address;
        match address.port.as_str() {
            "" | "80" | "443" => address.host.clone(),
            port => join_host_port(&address.host, port),
        }
    }))
}

fn without_port(host: &str) -> String {
    split_host_port(host).map_or(host, |(host, _)| host).into()
}

fn add_logger(logs: &mut ServerLogs, hosts: impl IntoIterator<Item = String>, name: &str) {
    for host in hosts {
        logs.logger_names.entry(host).or_default().push(name.into());
    }
}
