//! TLS towards upstreams, made from the config.

use std::sync::Arc;
use std::time::Duration;

use caddis_ir::{CertificateFile, Path, UpstreamTls};
use rustls::client::ResolvesClientCert;
use rustls::crypto::SupportedKxGroup;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, RootCertStore, SignatureScheme};
use rustls_pki_types::ServerName;

use super::tls::{Named, Terms, Tls};
use crate::builder::Builder;
use crate::tls::{self, Certificates, Trust};

/// How long a TLS handshake may take, as in Go's default transport.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Prepares TLS; what is wrong is noted.
pub(super) fn build(
    config: &UpstreamTls,
    http2: bool,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Option<Tls> {
    let terms = terms(config, at, builder);
    let curves = curves(config, at, builder);
    let trust = trust(config, at, builder);
    let own = own(config, at, builder);
    let prepared = tls::client_config(trust?, &curves);
    let prepared = prepared.map_err(|why| {
        builder.error(at, format!("upstreams cannot be verified: {why}"));
    });
    let prepared = prepared.ok()?;
    let client: ClientConfig = match own? {
        Some(own) => prepared.with_client_cert_resolver(own),
        None => prepared.with_no_client_auth(),
    };
    Some(Tls::new(client, terms?, http2))
}

fn terms(config: &UpstreamTls, at: &Path, builder: &mut Builder<'_>) -> Option<Terms> {
    if let Err(why) = tls::check_renegotiation(&config.renegotiation) {
        builder.error_with_help(&at.key("renegotiation"), why, "write `never`");
    }
    let timeout = config.handshake_timeout.map(caddis_ir::Duration::to_std);
    Some(Terms {
        server_name: match config.server_name.as_str() {
            "" => Named::Upstream,
            name => server_name(name, &at.key("server_name"), builder)?,
        },
        timeout: timeout
            .filter(|limit| !limit.is_zero())
            .unwrap_or(HANDSHAKE_TIMEOUT),
        except_ports: (config.except_ports.iter())
            .map(|port| port.as_str().into())
            .collect(),
    })
}

fn server_name(text: &str, at: &Path, builder: &mut Builder<'_>) -> Option<Named> {
    let template = builder.template(text, at);
    let Some(name) = template.constant() else {
        return Some(Named::Request(template));
    };
    let named = ServerName::try_from(name.to_owned())
        .ok()
        .map(Named::Config);
    if named.is_none() {
        let message = format!("`{name}` is not a name that a certificate can have");
        builder.error(at, message);
    }
    named
}

fn curves(
    config: &UpstreamTls,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Vec<&'static dyn SupportedKxGroup> {
    let mut curves = Vec::new();
    for (index, name) in config.curves.iter().enumerate() {
        match tls::curve(name) {
            Some(curve) => curves.push(curve),
            None => builder.error_with_help(
                &at.key("curves").index(index),
                format!("caddis has no key exchange `{name}`"),
                "write `x25519mlkem768`, `x25519`, `secp256r1` or `secp384r1`",
            ),
        }
    }
    curves
}

fn trust(config: &UpstreamTls, at: &Path, builder: &mut Builder<'_>) -> Option<Trust> {
    let roots = roots(config, at, builder);
    if config.insecure_skip_verify {
        return Some(Trust::Anyone);
    }
    roots.map(Trust::Roots)
}

fn roots(config: &UpstreamTls, at: &Path, builder: &mut Builder<'_>) -> Option<Arc<RootCertStore>> {
    if let Some(pool) = &config.ca {
        let roots = tls::roots(pool, &at.key("ca"), builder.around());
        return roots
            .map_err(|error| builder.found(error))
            .map(Arc::new)
            .ok();
    }
    if config.root_ca_pool.is_empty() && config.root_ca_pem_files.is_empty() {
        let system = if config.insecure_skip_verify {
            Ok(Arc::new(RootCertStore::empty()))
        } else {
            tls::system(builder.environment)
        };
        return system
            .map_err(|why| builder.error(at, format!("upstreams cannot be verified: {why}")))
            .ok();
    }
    let mut roots = RootCertStore::empty();
    for (index, text) in config.root_ca_pool.iter().enumerate() {
        if let Err(why) = tls::add_base64(text, &mut roots) {
            builder.error(&at.key("root_ca_pool").index(index), why);
        }
    }
    for (index, file) in config.root_ca_pem_files.iter().enumerate() {
        if let Err(why) = tls::add_file(file, &mut roots) {
            builder.error(&at.key("root_ca_pem_files").index(index), why);
        }
    }
    Some(Arc::new(roots))
}

/// Our own certificate, if we are to have one; the outer `None` if it cannot be had.
#[expect(
    clippy::option_option,
    reason = "an error that is noted is not the same as no certificate"
)]
fn own(
    config: &UpstreamTls,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Option<Option<Arc<dyn ResolvesClientCert>>> {
    let (file, key) = (
        &config.client_certificate_file,
        &config.client_certificate_key_file,
    );
    let automate = &config.client_certificate_automate;
    match (file.is_empty(), key.is_empty(), automate.is_empty()) {
        (true, true, true) => Some(None),
        (false, false, true) => {
            let file = CertificateFile {
                certificate: file.clone(),
                key: key.clone(),
                ..CertificateFile::default()
            };
            let loaded = tls::load(&file).map_err(|error| {
                let at = at.key("client_certificate_file");
                match error.help {
                    Some(help) => builder.error_with_help(&at, error.message, help),
                    None => builder.error(&at, error.message),
                }
            });
            Some(Some(Arc::new(Own::Given(loaded.ok()?.key()))))
        }
        (true, true, false) => Some(Some(Arc::new(Own::Managed {
            name: automate.clone(),
            certificates: builder.certificates(),
        }))),
        _ => {
            builder.error_with_help(
                at,
                "our own certificate towards upstreams is half said",
                "name a certificate file and a key file, or the name of a managed certificate",
            );
            None
        }
    }
}

type Served = Arc<arc_swap::ArcSwap<Certificates>>;

/// Our own certificate towards upstreams.
#[derive(Debug)]
enum Own {
    /// From files.
    Given(Arc<CertifiedKey>),
    /// The one that is managed for a name, as it is at the time.
    Managed { name: String, certificates: Served },
}

impl ResolvesClientCert for Own {
    fn resolve(&self, _: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        match self {
            Self::Given(key) => Some(Arc::clone(key)),
            Self::Managed { name, certificates } => {
                let certificates = certificates.load();
                let chosen = certificates.choose(name, &tls::Selection::default(), schemes)?;
                Some(chosen.key())
            }
        }
    }

    fn has_certs(&self) -> bool {
        true
    }
}
