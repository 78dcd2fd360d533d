//! The ways into a config: a host on a server, and what is known of who can come there.

use std::collections::BTreeSet;

use caddis_ir::{ConnectionPolicy, Handler, MatcherSet, Route, Server};

use super::patterns::host_matches;
use crate::context::Context;

/// The host that stands for any name.
const ANY_HOST: &str = "example.com";
/// The most hosts of one site that are tried.
const MAX_HOSTS: usize = 24;

/// A host on a server.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'c> {
    pub(crate) name: &'c str,
    pub(crate) server: &'c Server,
    /// A host that is asked for.
    pub(crate) host: String,
    pub(crate) scheme: &'static str,
    pub(crate) port: Option<u16>,
    /// Only this machine comes there.
    pub(crate) is_local: bool,
    /// Only who shows a certificate comes there.
    pub(crate) asks_for_certificates: bool,
    /// The site that it is about.
    pub(crate) site: Option<usize>,
    /// The routes that a request for the host may take, by their places.
    pub(crate) routes: Vec<(usize, &'c Route)>,
}

/// Every host of every server.
pub(super) fn all(cx: &Context) -> Vec<Entry<'_>> {
    let servers = cx.config.apps.http.iter().flat_map(|http| &http.servers);
    let mut entries = Vec::new();
    for (name, server) in servers {
        let mut loose = Vec::new();
        for (at, route) in server.routes.iter().enumerate() {
            let hosts = site_hosts(route);
            if hosts.is_empty() && !route.terminal {
                loose.push((at, route));
                continue;
            }
            for host in hosts_to_try(&hosts, route) {
                entries.push(entry(cx, name, server, Some(host), vec![(at, route)]));
            }
        }
        if !loose.is_empty() {
            let mut hosts = BTreeSet::new();
            for (_, route) in &loose {
                inner_hosts(std::slice::from_ref(*route), &mut hosts);
            }
            entries.push(entry(cx, name, server, None, loose.clone()));
            for host in hosts.into_iter().take(MAX_HOSTS) {
                entries.push(entry(cx, name, server, Some(sample(host)), loose.clone()));
            }
        }
    }
    entries
}

fn entry<'c>(
    cx: &Context,
    name: &'c str,
    server: &'c Server,
    host: Option<String>,
    routes: Vec<(usize, &'c Route)>,
) -> Entry<'c> {
    let (is_plain, port) = listener(cx, server, host.as_deref());
    let is_at_default = matches!((is_plain, port), (true, 80) | (false, 443));
    let spot = routes.first().map(|(at, _)| super::Spot(vec![(*at, 0)]));
    let place = spot.and_then(|spot| cx.origins.span(&spot.path(name)));
    Entry {
        name,
        server,
        scheme: if is_plain { "http" } else { "https" },
        port: (!is_at_default).then_some(port),
        is_local: listens_locally(server) || host.as_deref().is_some_and(is_local_host),
        asks_for_certificates: asks_for_certificates(server, host.as_deref()),
        site: place.and_then(|span| cx.site_of(span)),
        host: host.unwrap_or_else(|| ANY_HOST.into()),
        routes,
    }
}

fn site_hosts(route: &Route) -> Vec<&str> {
    let hosts = route.matchers.iter().filter_map(|set| set.host.as_ref());
    hosts.flatten().map(String::as_str).collect()
}

/// The first host, and those that the routes within treat differently.
fn hosts_to_try(hosts: &[&str], route: &Route) -> Vec<String> {
    let mut inner = BTreeSet::new();
    for handler in &route.handle {
        if let Handler::Subroute(subroute) = handler {
            inner_hosts(&subroute.routes, &mut inner);
        }
    }
    let Some(first) = hosts
        .iter()
        .find(|host| !is_local_host(host))
        .or(hosts.first())
    else {
        return vec![ANY_HOST.into()];
    };
    let mut tried = vec![sample(first)];
    for host in inner {
        let host = sample(host);
        if hosts.iter().any(|outer| host_matches(outer, &host)) && !tried.contains(&host) {
            tried.push(host);
        }
    }
    tried.truncate(MAX_HOSTS);
    tried
}

fn inner_hosts<'c>(routes: &'c [Route], hosts: &mut BTreeSet<&'c str>) {
    for route in routes {
        hosts_of(&route.matchers, hosts);
        for handler in &route.handle {
            if let Handler::Subroute(subroute) = handler {
                inner_hosts(&subroute.routes, hosts);
            }
        }
    }
}

fn hosts_of<'c>(sets: &'c [MatcherSet], hosts: &mut BTreeSet<&'c str>) {
    for set in sets {
        hosts.extend(set.host.iter().flatten().map(String::as_str));
        if let Some(sets) = &set.not {
            hosts_of(sets, hosts);
        }
    }
}

fn sample(host: &str) -> String {
    host.replace('*', "x")
}

/// Whether requests come without TLS, and to which port.
fn listener(cx: &Context, server: &Server, host: Option<&str>) -> (bool, u16) {
    let http = cx.config.apps.http.as_ref();
    let http_port = http.and_then(|http| http.http_port).unwrap_or(80);
    let port = server.listen.first().and_then(|listen| {
        let (_, port) = listen.rsplit_once(':')?;
        port.split('-').next()?.parse::<u16>().ok()
    });
    let port = port.unwrap_or(443);
    let automatic = server.automatic_https.as_ref();
    let skipped = automatic.is_some_and(|automatic| {
        automatic.disabled
            || host.is_some_and(|host| automatic.skip.iter().any(|skip| skip == host))
    });
    let policies = server.tls_connection_policies.as_ref();
    let has_policies = policies.is_some_and(|policies| !policies.is_empty());
    let is_plain =
        !has_policies && (port == http_port || skipped || (host.is_none() && port != 443));
    (is_plain, port)
}

fn listens_locally(server: &Server) -> bool {
    !server.listen.is_empty() && server.listen.iter().all(|listen| is_local_address(listen))
}

/// True for a listener that only this machine reaches.
pub(crate) fn is_local_address(address: &str) -> bool {
    if address.starts_with("unix") || address.starts_with("fd/") {
        return true;
    }
    let address = address
        .rsplit_once('/')
        .map_or(address, |(_, address)| address);
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    is_local_host(host)
}

/// True for a name or address of this machine.
pub(crate) fn is_local_host(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.ends_with(".localhost") || host == "::1" || host.starts_with("127.")
}

/// True if the handshake ends without a certificate of the client that is checked.
fn asks_for_certificates(server: &Server, host: Option<&str>) -> bool {
    let policies = server.tls_connection_policies.iter().flatten();
    let mut applying = policies.filter(|policy| applies(policy, host));
    applying.next().is_some_and(|policy| {
        let Some(client) = &policy.client_authentication else {
            return false;
        };
        let has_authority = client.ca.is_some()
            || !client.trusted_ca_certs.is_empty()
            || !client.trusted_ca_certs_pem_files.is_empty()
            || !client.trusted_leaf_certs.is_empty();
        match client.mode.as_str() {
            "require_and_verify" => true,
            "" => has_authority,
            _ => false,
        }
    })
}

fn applies(policy: &ConnectionPolicy, host: Option<&str>) -> bool {
    let Some(matchers) = &policy.matchers else {
        return true;
    };
    matchers.sni.is_empty()
        || host.is_some_and(|host| matchers.sni.iter().any(|sni| host_matches(sni, host)))
}
