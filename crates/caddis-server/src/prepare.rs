//! What a server needs before it can listen: automatic HTTPS decided, certificate files read, policies made ready.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use caddis_ir::{Config, Issuer, Path};

use crate::automatic_https::{OnDemandNames, plan};
use crate::builder::Builder;
use crate::listen::Wrappers;
use crate::tls::{self, Certificates, Demand, Subject, TlsServer, tls_server};
use crate::{BuildError, Environment};

/// What is ready before a server listens.
pub(crate) struct Prepared {
    /// The certificates at hand.
    pub(crate) certificates: Arc<ArcSwap<Certificates>>,
    /// The names that get certificates, with those who sign.
    pub(crate) subjects: Vec<Subject>,
    /// Gets certificates when clients first ask, if the config wants that.
    pub(crate) demand: Option<Arc<Demand>>,
    /// How each server's TLS connections are made.
    pub(crate) tls: BTreeMap<String, TlsServer>,
}

/// Decides on automatic HTTPS, and gives back the config that is to be served. Reads files, and writes none but those of
/// an authority of ours that a pool names.
pub(crate) fn prepare(
    config: &Config,
    environment: &Environment,
) -> Result<(Config, Prepared), Vec<BuildError>> {
    let mut builder = Builder::beside(config, environment);
    let config = &tls::filled(config, &mut builder);
    let loaded = tls::load_all(config, &mut builder);
    let plan = plan(config, &loaded);
    let certificates = Arc::new(ArcSwap::from_pointee(loaded));
    let mut tls = tls_servers(&plan.config, &certificates, &mut builder);
    if let Some(managers) = tls::managers(config, &mut builder) {
        for server in tls.values_mut() {
            server.suppliers.push(Arc::clone(&managers));
        }
    }
    let mut errors = builder.into_errors();
    errors.extend(plan.errors);
    let demand = demand(config, plan.on_demand, &mut errors);
    check_protocols(&plan.config, &mut errors);
    check_issuers(config, &mut errors);
    check_wrappers(&plan.config, &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    for server in tls.values_mut() {
        let demand = demand.iter().map(|demand| Arc::clone(demand) as Arc<_>);
        server.suppliers.extend(demand);
    }
    let prepared = Prepared {
        certificates,
        subjects: plan.subjects,
        demand,
        tls,
    };
    Ok((plan.config, prepared))
}

/// Who gets certificates when clients first ask, if the config wants that.
fn demand(
    config: &Config,
    names: OnDemandNames,
    errors: &mut Vec<BuildError>,
) -> Option<Arc<Demand>> {
    let tls = config.apps.tls.as_ref();
    let automation = tls.and_then(|tls| tls.automation.as_ref());
    let on_demand = automation.and_then(|automation| automation.on_demand.as_ref());
    let nobody = names.is_empty();
    match Demand::new(names, on_demand) {
        Ok(demand) => (!nobody).then(|| Arc::new(demand)),
        Err(message) => {
            errors.push(BuildError {
                path: Path::root()
                    .key("apps")
                    .key("tls")
                    .key("automation")
                    .key("on_demand"),
                message,
                help: Some("write a URL: `on_demand_tls { ask http://localhost:9000/ask }`".into()),
            });
            None
        }
    }
}

/// The config that is to be served, for servers that never listen: no certificate is read or wanted.
pub(crate) fn without_certificates(config: &Config) -> Config {
    plan(config, &Certificates::default()).config
}

/// Looks at the settings of ACME servers: what is missing must not be found out at night.
fn check_issuers(config: &Config, errors: &mut Vec<BuildError>) {
    let tls = config.apps.tls.as_ref();
    let automation = tls.and_then(|tls| tls.automation.as_ref());
    let policies = automation.map_or(&[][..], |automation| &automation.policies);
    let at = Path::root()
        .key("apps")
        .key("tls")
        .key("automation")
        .key("policies");
    for (policy_at, policy) in policies.iter().enumerate() {
        for (issuer_at, issuer) in policy.issuers.iter().enumerate() {
            let Issuer::Acme(issuer) = issuer else {
                continue;
            };
            let at = at.index(policy_at).key("issuers").index(issuer_at);
            errors.extend(tls::check_acme(issuer, config.apps.tls.as_ref(), &at));
        }
    }
}

fn tls_servers(
    config: &Config,
    certificates: &Arc<ArcSwap<Certificates>>,
    builder: &mut Builder<'_>,
) -> BTreeMap<String, TlsServer> {
    let app = config.apps.tls.as_ref();
    let tickets = app.and_then(|tls| tls.session_tickets.as_ref());
    let servers = config.apps.http.iter().flat_map(|http| &http.servers);
    let encrypted = servers.filter(|(_, server)| {
        let policies = server.tls_connection_policies.as_ref();
        policies.is_some_and(|policies| !policies.is_empty())
    });
    encrypted
        .map(|(name, server)| {
            let certificates = Arc::clone(certificates);
            let tls = tls_server(server, &place(name), tickets, certificates, builder);
            (name.clone(), tls)
        })
        .collect()
}

/// HTTP/3 is left out where it is one of several; where it is the only one nothing would be served.
fn check_protocols(config: &Config, errors: &mut Vec<BuildError>) {
    let servers = config.apps.http.iter().flat_map(|http| &http.servers);
    for (name, server) in servers {
        let mut unknown = false;
        for (index, protocol) in server.protocols.iter().enumerate() {
            if !["h1", "h2", "h2c", "h3"].contains(&protocol.as_str()) {
                unknown = true;
                errors.push(BuildError {
                    path: place(name).key("protocols").index(index),
                    message: format!("`{protocol}` is not a protocol"),
                    help: Some("write `h1`, `h2` or `h2c`".into()),
                });
            }
        }
        let only_h3 = !server.protocols.is_empty()
            && server.protocols.iter().all(|protocol| protocol == "h3");
        if only_h3 && !unknown {
            errors.push(BuildError {
                path: place(name).key("protocols"),
                message: "HTTP/3 is not supported yet".into(),
                help: Some("write `h1` and `h2` too".into()),
            });
        }
    }
}

/// What stands between sockets and servers must be clear before anyone connects.
fn check_wrappers(config: &Config, errors: &mut Vec<BuildError>) {
    let servers = config.apps.http.iter().flat_map(|http| &http.servers);
    for (name, server) in servers {
        let (_, wrong) = Wrappers::of(server, 0);
        errors.extend(wrong.into_iter().map(|(index, message)| BuildError {
            path: place(name).key("listener_wrappers").index(index),
            message,
            help: None,
        }));
    }
}

fn place(server: &str) -> Path {
    Path::root()
        .key("apps")
        .key("http")
        .key("servers")
        .key(server)
}
