//! What a server needs before it can listen: automatic HTTPS decided, certificate files read, policies made ready.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use caddis_ir::{Config, Issuer, Path};

use crate::BuildError;
use crate::automatic_https::plan;
use crate::tls::{self, Certificates, Subject, TlsServer, tls_server};

/// What is ready before a server listens.
pub(crate) struct Prepared {
    /// The certificates at hand.
    pub(crate) certificates: Arc<ArcSwap<Certificates>>,
    /// The names that get certificates, with those who sign.
    pub(crate) subjects: Vec<Subject>,
    /// How each server's TLS connections are made. Who is asked for certificates in handshakes is still to be added.
    pub(crate) tls: BTreeMap<String, TlsServer>,
}

/// Decides on automatic HTTPS, and gives back the config that is to be served. Reads files and writes none.
pub(crate) fn prepare(config: &Config) -> Result<(Config, Prepared), Vec<BuildError>> {
    let mut errors = Vec::new();
    let loaded = load_files(config, &mut errors);
    let plan = plan(config, &loaded);
    errors.extend(plan.errors);
    let certificates = Arc::new(ArcSwap::from_pointee(loaded));
    let tls = tls_servers(&plan.config, &certificates, &mut errors);
    check_protocols(&plan.config, &mut errors);
    check_roots(config, &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    let prepared = Prepared {
        certificates,
        subjects: plan.subjects,
        tls,
    };
    Ok((plan.config, prepared))
}

/// The config that is to be served, for servers that never listen: no certificate is read or wanted.
pub(crate) fn without_certificates(config: &Config) -> Config {
    plan(config, &Certificates::default()).config
}

fn load_files(config: &Config, errors: &mut Vec<BuildError>) -> Certificates {
    let tls = config.apps.tls.as_ref();
    let certificates = tls.and_then(|tls| tls.certificates.as_ref());
    let files = certificates.map_or(&[][..], |certificates| &certificates.load_files);
    let at = Path::root()
        .key("apps")
        .key("tls")
        .key("certificates")
        .key("load_files");
    let mut loaded = Certificates::default();
    for (index, file) in files.iter().enumerate() {
        match tls::load(file) {
            Ok(certificate) => loaded = loaded.with(certificate),
            Err(error) => errors.push(BuildError {
                path: at.index(index),
                message: error.message,
                help: error.help.map(str::to_owned),
            }),
        }
    }
    loaded
}

/// Reads the roots that ACME servers are to have: a file that is missing must not be found out at night.
fn check_roots(config: &Config, errors: &mut Vec<BuildError>) {
    let automation = config
        .apps
        .tls
        .as_ref()
        .and_then(|tls| tls.automation.as_ref());
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
            if let Err((file_at, message)) = tls::read_roots(issuer) {
                let at = at.index(policy_at).key("issuers").index(issuer_at);
                errors.push(BuildError {
                    path: at.key("trusted_roots_pem_files").index(file_at),
                    message,
                    help: Some(
                        "name a file with the root certificate of the ACME server, in PEM".into(),
                    ),
                });
            }
        }
    }
}

fn tls_servers(
    config: &Config,
    certificates: &Arc<ArcSwap<Certificates>>,
    errors: &mut Vec<BuildError>,
) -> BTreeMap<String, TlsServer> {
    let mut ready = BTreeMap::new();
    let servers = config.apps.http.iter().flat_map(|http| &http.servers);
    for (name, server) in servers {
        if server
            .tls_connection_policies
            .as_ref()
            .is_none_or(Vec::is_empty)
        {
            continue;
        }
        match tls_server(server, Arc::clone(certificates)) {
            Ok(tls) => {
                ready.insert(name.clone(), tls);
            }
            Err(faults) => errors.extend(faults.into_iter().map(|(index, message)| BuildError {
                path: place(name).key("tls_connection_policies").index(index),
                message,
                help: Some("write `tls1.2` or `tls1.3`".into()),
            })),
        }
    }
    ready
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

fn place(server: &str) -> Path {
    Path::root()
        .key("apps")
        .key("http")
        .key("servers")
        .key(server)
}
