//! The decisions: the config as it is served, the names that get certificates, and those that cannot have any yet.

use std::collections::BTreeMap;

use caddis_ir::{
    AutomationPolicy, Config, ConnectionPolicy, InternalIssuer, Issuer, Path, Server, TlsApp,
};

use super::names::{can_have_certificate, is_public};
use super::redirects::{Ports, Redirects};
use crate::BuildError;
use crate::listen::ListenAddress;
use crate::tls::{Certificates, KEY_TYPES, Subject};

const HTTP: u16 = 80;
const HTTPS: u16 = 443;

/// What automatic HTTPS makes of a config.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The config with connection policies and redirects in it.
    pub(crate) config: Config,
    /// The names that get certificates of our own authorities.
    pub(crate) subjects: Vec<Subject>,
    /// What cannot be done.
    pub(crate) errors: Vec<BuildError>,
}

/// Decides for a whole config. `loaded` are the certificates that are there without being asked for.
pub(crate) fn plan(config: &Config, loaded: &Certificates) -> Plan {
    let mut plan = Plan {
        config: config.clone(),
        subjects: Vec::new(),
        errors: Vec::new(),
    };
    let mut names = plan.automated();
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
    for (name, at) in names {
        plan.find_issuer(name, at);
    }
    plan
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
        (names.iter().enumerate())
            .map(|(index, name)| (name.clone(), at.index(index)))
            .collect()
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

    fn find_issuer(&mut self, name: String, at: Path) {
        match decide(&name, self.config.apps.tls.as_ref()) {
            Decision::Internal { issuer, key_type } => self.subjects.push(Subject {
                name,
                issuer,
                key_type,
            }),
            Decision::Acme => self.errors.push(BuildError {
                path: at,
                message: format!(
                    "the certificate of `{name}` would come from an ACME server, which caddis cannot ask yet"
                ),
                help: Some(
                    "write `tls internal` in the site or `local_certs` in the global options to use a certificate \
                     authority of your own, or name certificate files: `tls cert.pem key.pem`"
                        .into(),
                ),
            }),
            Decision::Refused { message } => self.errors.push(BuildError {
                path: at,
                message,
                help: None,
            }),
        }
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

/// Who signs for a name.
enum Decision {
    Internal {
        issuer: InternalIssuer,
        key_type: String,
    },
    Acme,
    Refused {
        message: String,
    },
}

fn decide(name: &str, tls: Option<&TlsApp>) -> Decision {
    let automation = tls.and_then(|tls| tls.automation.as_ref());
    let policies = automation.map_or(&[][..], |automation| &automation.policies);
    let own = policies
        .iter()
        .find(|policy| policy.subjects.iter().any(|subject| subject == name));
    let covering = policies.iter().find(|policy| {
        policy.subjects.is_empty() || (policy.subjects.iter()).any(|subject| covers(subject, name))
    });
    // A name that no public authority signs for goes to ours, unless a policy names it.
    let implied = own.is_none() && !is_public(name);
    let policy = own.or(covering);
    let key_type = policy.map_or_else(String::new, |policy| policy.key_type.clone());
    if !key_type.is_empty() && !KEY_TYPES.contains(&key_type.as_str()) {
        return Decision::Refused {
            message: format!("`{key_type}` is not a type of keys"),
        };
    }
    if policy.is_some_and(|policy| policy.on_demand) {
        return Decision::Refused {
            message: "getting certificates on demand is not supported yet".into(),
        };
    }
    let issuer = match policy {
        _ if implied => Some(InternalIssuer::default()),
        Some(policy) => internal_issuer(policy),
        None => None,
    };
    issuer.map_or(Decision::Acme, |issuer| Decision::Internal {
        issuer,
        key_type,
    })
}

/// The authority of ours that a policy asks first; also if it names none and all of its names are internal.
fn internal_issuer(policy: &AutomationPolicy) -> Option<InternalIssuer> {
    match policy.issuers.first() {
        Some(Issuer::Internal(issuer)) => Some(issuer.clone()),
        Some(Issuer::Acme(_)) => None,
        None => {
            let internal = !policy.subjects.is_empty();
            let internal = internal && !policy.subjects.iter().any(|name| is_public(name));
            internal.then(InternalIssuer::default)
        }
    }
}

/// True if a subject of a policy is a wildcard for the name.
fn covers(subject: &str, name: &str) -> bool {
    let wildcard = subject.strip_prefix("*.");
    wildcard.is_some_and(|rest| {
        name.split_once('.')
            .is_some_and(|(_, parent)| parent.eq_ignore_ascii_case(rest))
    })
}
