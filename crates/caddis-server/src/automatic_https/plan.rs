//! The plan: the config as it is served, the names that get certificates, and those that cannot have any yet.

use std::collections::{BTreeMap, BTreeSet};

use caddis_ir::{Config, ConnectionPolicy, Path, Server};

use serde_json::Value;

use super::decide::decide;
use super::demand::{OnDemandNames, unprotected};
use super::names::{can_have_certificate, is_public};
use super::redirects::{Ports, Redirects};
use crate::BuildError;
use crate::listen::ListenAddress;
use crate::tls::{Certificates, Subject, is_supplied};

const HTTP: u16 = 80;
const HTTPS: u16 = 443;

/// What automatic HTTPS makes of a config.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The config with connection policies and redirects in it.
    pub(crate) config: Config,
    /// The names that get certificates, with those who sign.
    pub(crate) subjects: Vec<Subject>,
    /// The names that get certificates when a client first asks.
    pub(crate) on_demand: OnDemandNames,
    /// What cannot be done.
    pub(crate) errors: Vec<BuildError>,
}

/// Decides for a whole config. `loaded` are the certificates that are there without being asked for.
pub(crate) fn plan(config: &Config, loaded: &Certificates) -> Plan {
    let mut plan = Plan {
        config: config.clone(),
        subjects: Vec::new(),
        on_demand: OnDemandNames::of(config.apps.tls.as_ref()),
        errors: unprotected(config),
    };
    let mut names = plan.automated();
    let forced: BTreeSet<_> = (names.keys())
        .map(|name| name.to_ascii_lowercase())
        .collect();
    if let Some(mut http) = plan.config.apps.http.take() {
        let ports = Ports {
            http: http.http_port.unwrap_or(HTTP),
            https: http.https_port.unwrap_or(HTTPS),
        };
        let mut redirects = Redirects::default();
        let mut with_names = false;
        for (name, server) in &mut http.servers {
            let at = Path::root()
                .key("apps")
                .key("http")
                .key("servers")
                .key(name);
            let found = plan.server(server, &at, ports, loaded, &mut redirects);
            with_names |= !found.is_empty();
            names.extend(found);
        }
        redirects.apply(&mut http.servers, ports, with_names);
        plan.config.apps.http = Some(http);
    }
    // As they stand in certificates, however the config spells them.
    let spelled = |name: String| name.to_ascii_lowercase();
    let names: BTreeMap<_, _> = (names.into_iter())
        .map(|(name, at)| (spelled(name), at))
        .collect();
    let wildcards: BTreeSet<_> = (names.keys().filter(|name| name.starts_with("*.")))
        .cloned()
        .collect();
    for (name, at) in names {
        // Caddy has one certificate for a wildcard and the names under it, unless one is asked for by name.
        if forced.contains(&name) || !wildcard_of(&name).is_some_and(|one| wildcards.contains(&one))
        {
            plan.find_issuer(&name, at);
        }
    }
    plan
}

/// The wildcard that stands for a name.
fn wildcard_of(name: &str) -> Option<String> {
    let (label, parent) = name.split_once('.')?;
    (label != "*").then(|| format!("*.{parent}"))
}

impl Plan {
    /// The names that the config wants certificates for whether a site has them or not.
    fn automated(&self) -> BTreeMap<String, Path> {
        let tls = self.config.apps.tls.as_ref();
        let names = tls.and_then(|tls| tls.certificates.as_ref());
        let names = names.map_or(&[][..], |certificates| &certificates.automate);
        let at = Path::root()
            .key("apps")
            .key("tls")
            .key("certificates")
            .key("automate");
        let mut automated: BTreeMap<_, _> = (names.iter().enumerate())
            .map(|(index, name)| (name.clone(), at.index(index)))
            .collect();
        let json = caddis_ir::value(&self.config);
        towards_upstreams(&json, &Path::root(), &mut automated);
        automated
    }

    /// Encrypts a server if it is to be, and says for which names it needs certificates.
    fn server(
        &mut self,
        server: &mut Server,
        at: &Path,
        ports: Ports,
        loaded: &Certificates,
        redirects: &mut Redirects,
    ) -> BTreeMap<String, Path> {
        let off = server.automatic_https.clone().unwrap_or_default();
        let addresses = self.addresses(server, at);
        let all_on = |port| {
            addresses
                .iter()
                .all(|one| one.each_port().iter().all(|one| one.port() == port))
        };
        if off.disabled || all_on(ports.http) {
            return BTreeMap::new();
        }
        let mut names = hosts(server, at);
        names.retain(|name, _| !off.skip.contains(name));
        let policies = &mut server.tls_connection_policies;
        if policies.is_none() && (all_on(ports.https) || !names.is_empty()) {
            *policies = Some(vec![ConnectionPolicy::default()]);
        }
        if policies.as_ref().is_none_or(Vec::is_empty) && names.is_empty() {
            return BTreeMap::new();
        }
        if !off.disable_redirects {
            redirects.add(&names.keys().map(String::as_str), &addresses, ports);
        }
        names.retain(|name, _| {
            !off.disable_certificates
                && can_have_certificate(name)
                && !off.skip_certificates.contains(name)
                && (off.ignore_loaded_certificates || !loaded.covers(name))
        });
        names
    }

    /// True if a name goes to our own authority whatever the policy for all names says.
    fn is_implied(&self, name: &str) -> bool {
        let tls = self.config.apps.tls.as_ref();
        let automation = tls.and_then(|tls| tls.automation.as_ref());
        let mut policies = automation.into_iter().flat_map(|all| &all.policies);
        let own = policies.any(|policy| {
            let mut subjects = policy.subjects.iter();
            subjects.any(|subject| subject.eq_ignore_ascii_case(name))
        });
        !own && !is_public(name)
    }

    fn addresses(&mut self, server: &Server, at: &Path) -> Vec<ListenAddress> {
        let mut addresses = Vec::new();
        for (index, text) in server.listen.iter().enumerate() {
            match ListenAddress::parse(text) {
                Ok(address) => addresses.push(address),
                Err(error) => self.errors.push(BuildError {
                    path: at.key("listen").index(index),
                    message: error.message,
                    help: Some(error.help),
                }),
            }
        }
        addresses
    }

    fn find_issuer(&mut self, name: &str, at: Path) {
        let on_demand = self.on_demand.of_name(name).is_some() && !self.is_implied(name);
        if on_demand || is_supplied(name, self.config.apps.tls.as_ref()) {
            return;
        }
        match decide(name, self.config.apps.tls.as_ref()) {
            Ok(subject) => self.subjects.push(subject),
            Err(refused) => self.errors.push(BuildError {
                path: at,
                message: refused.message,
                help: refused.help.map(str::to_owned),
            }),
        }
    }
}

/// The names whose certificates are shown to upstreams.
fn towards_upstreams(json: &Value, at: &Path, names: &mut BTreeMap<String, Path>) {
    match json {
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::String(name) if key == "client_certificate_automate" => {
                        names.insert(name.clone(), at.key(key));
                    }
                    Value::Object(_) | Value::Array(_) => {
                        towards_upstreams(member, &at.key(key), names);
                    }
                    Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                towards_upstreams(item, &at.index(index), names);
            }
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The hosts that the routes of a server match, with their places.
fn hosts(server: &Server, at: &Path) -> BTreeMap<String, Path> {
    let mut hosts = BTreeMap::new();
    for (route_at, route) in server.routes.iter().enumerate() {
        for (set_at, set) in route.matchers.iter().enumerate() {
            for (host_at, host) in set.host.iter().flatten().enumerate() {
                let at = at.key("routes").index(route_at).key("match").index(set_at);
                hosts
                    .entry(host.clone())
                    .or_insert(at.key("host").index(host_at));
            }
        }
    }
    hosts
}
