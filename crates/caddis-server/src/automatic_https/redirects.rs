//! Redirects from HTTP to HTTPS, put into the servers that listen there, or into one of their own.

use std::collections::BTreeMap;

use caddis_ir::{Handler, MatcherSet, Route, Server, StaticResponse};

use crate::listen::ListenAddress;

/// The name of the server for redirects that no other server takes.
const REDIRECTS: &str = "remaining_auto_https_redirects";
const PERMANENT_REDIRECT: u16 = 308;
const STANDARD_HTTP: u16 = 80;
const STANDARD_HTTPS: u16 = 443;

/// The ports that are HTTP and HTTPS.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ports {
    pub(super) http: u16,
    pub(super) https: u16,
}

/// What is redirected: names to the address of their server, and addresses of servers for any name.
#[derive(Debug, Default)]
pub(super) struct Redirects {
    names: BTreeMap<String, ListenAddress>,
    any_name: Vec<ListenAddress>,
}

impl Redirects {
    /// Redirects every name that a server has; of several addresses the one with the HTTPS port is preferred.
    pub(super) fn add<'a>(
        &mut self,
        names: &(impl Iterator<Item = &'a str> + Clone),
        addresses: &[ListenAddress],
        ports: Ports,
    ) {
        for address in addresses {
            if matches!(address, ListenAddress::Unix { .. }) {
                continue;
            }
            if names.clone().next().is_none() {
                self.any_name.push(address.clone());
            }
            for name in names.clone() {
                if address.port() == ports.https || !self.names.contains_key(name) {
                    self.names.insert(name.to_owned(), address.clone());
                }
            }
        }
    }

    /// The routes for each address on the HTTP port, by its text.
    fn routes(self, ports: Ports) -> BTreeMap<String, Vec<Route>> {
        let mut names_of: BTreeMap<String, (ListenAddress, Vec<String>)> = BTreeMap::new();
        for (name, address) in self.names {
            let entry = names_of.entry(address.to_string());
            entry.or_insert((address, Vec::new())).1.push(name);
        }
        for address in self.any_name {
            names_of
                .entry(address.to_string())
                .or_insert((address, Vec::new()));
        }
        let mut routes: BTreeMap<String, Vec<Route>> = BTreeMap::new();
        for (address, mut names) in names_of.into_values() {
            // An exact name comes before the wildcards that cover it.
            names.sort_by_key(|name| (name.contains('*'), name.clone()));
            let matchers = MatcherSet {
                host: (!names.is_empty()).then_some(names),
                ..over_http()
            };
            let of_address = routes.entry(address.with_port(ports.http).to_string());
            of_address
                .or_default()
                .push(redirect(address.port(), matchers, ports));
        }
        routes
    }

    /// Puts the redirects into the servers. `with_names` says that some name gets a certificate.
    pub(super) fn apply(
        self,
        servers: &mut BTreeMap<String, Server>,
        ports: Ports,
        with_names: bool,
    ) {
        let any = redirect(ports.https, over_http(), ports);
        let mut rest = Server::default();
        for (address, routes) in self.routes(ports) {
            let listening = servers
                .values_mut()
                .find(|server| listens_on(server, &address));
            if let Some(server) = listening {
                if with_names {
                    let at = after_last_host(&server.routes);
                    server.routes.splice(at..at, routes);
                }
                server.routes.push(any.clone());
            } else {
                rest.listen.push(address);
                rest.routes.extend(routes);
            }
        }
        if !rest.listen.is_empty() {
            rest.routes.push(any);
            servers.insert(REDIRECTS.into(), rest);
        }
    }
}

fn listens_on(server: &Server, address: &str) -> bool {
    server.listen.iter().any(|listen| {
        ListenAddress::parse(listen)
            .is_ok_and(|listen| (listen.each_port().iter()).any(|one| one.to_string() == address))
    })
}

/// Redirects come before the routes of a site for any host, but after those that have hosts.
fn after_last_host(routes: &[Route]) -> usize {
    let has_host = |route: &Route| route.matchers.iter().any(|set| set.host.is_some());
    routes.iter().rposition(has_host).map_or(0, |at| at + 1)
}

fn over_http() -> MatcherSet {
    MatcherSet {
        protocol: Some("http".into()),
        ..MatcherSet::default()
    }
}

/// Only a port that nobody takes for granted is named in the new URL.
fn redirect(port: u16, matchers: MatcherSet, ports: Ports) -> Route {
    let usual = [ports.http, ports.https, STANDARD_HTTP, STANDARD_HTTPS];
    let port = if usual.contains(&port) {
        String::new()
    } else {
        format!(":{port}")
    };
    let to = format!("https://{{http.request.host}}{port}{{http.request.uri}}");
    let response = StaticResponse {
        status_code: Some(PERMANENT_REDIRECT.into()),
        headers: [("Location".to_owned(), vec![to])].into(),
        close: true,
        ..StaticResponse::default()
    };
    Route {
        matchers: vec![matchers],
        handle: vec![Handler::StaticResponse(response)],
        ..Route::default()
    }
}
