//! Connection policies of the config, made ready for handshakes.

use std::sync::Arc;

use arc_swap::ArcSwap;
use caddis_ir::{ConnectionPolicy, Server};
use rustls::server::ResolvesServerCert;
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SupportedProtocolVersion};

use super::Certificates;
use super::server::{Policy, TlsServer};
use crate::listen::Settings;

/// Go sends one ticket too.
const TICKETS: usize = 1;

/// How a server's TLS connections are made; errors have the place of their policy.
pub(crate) fn tls_server(
    server: &Server,
    certificates: Arc<ArcSwap<Certificates>>,
) -> Result<TlsServer, Vec<(usize, String)>> {
    let settings = Settings::of(server);
    let given = server
        .tls_connection_policies
        .as_deref()
        .unwrap_or_default();
    let mut errors = Vec::new();
    let mut policies = Vec::new();
    for (at, policy) in given.iter().enumerate() {
        match prepare(policy, &settings) {
            Ok(policy) => policies.push(policy),
            Err(message) => errors.push((at, message)),
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(TlsServer {
        policies,
        given: given.to_vec(),
        certificates,
        suppliers: Vec::new(),
    })
}

fn prepare(policy: &ConnectionPolicy, settings: &Settings) -> Result<Policy, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let versions = versions(&policy.protocol_min, &policy.protocol_max)?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&versions)
        .map_err(|error| error.to_string())?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Nothing));
    config.alpn_protocols = [("h2", settings.http2), ("http/1.1", settings.http1)]
        .into_iter()
        .filter(|(_, spoken)| *spoken)
        .map(|(name, _)| name.into())
        .collect();
    config.send_tls13_tickets = TICKETS;
    config.ticketer =
        rustls::crypto::aws_lc_rs::Ticketer::new().map_err(|error| error.to_string())?;
    let matchers = policy.matchers.as_ref();
    let selection = policy.certificate_selection.as_ref();
    Ok(Policy {
        names: matchers.map_or_else(Vec::new, |matchers| matchers.sni.clone()),
        tags: selection.map_or_else(Vec::new, |selection| selection.any_tag.clone()),
        config,
    })
}

fn versions(min: &str, max: &str) -> Result<Vec<&'static SupportedProtocolVersion>, String> {
    let number = |text: &str, default| match text {
        "" => Ok(default),
        "tls1.2" => Ok(2),
        "tls1.3" => Ok(3),
        _ => Err(format!("`{text}` is not a TLS version")),
    };
    let range = number(min, 2)?..=number(max, 3)?;
    let all = [(2, &TLS12), (3, &TLS13)];
    let versions: Vec<_> = (all.into_iter())
        .filter(|(number, _)| range.contains(number))
        .map(|(_, version)| version)
        .collect();
    if versions.is_empty() {
        return Err(format!("no TLS version is from `{min}` to `{max}`"));
    }
    Ok(versions)
}

/// Stands for the certificate until one is chosen.
#[derive(Debug)]
struct Nothing;

impl ResolvesServerCert for Nothing {
    fn resolve(
        &self,
        _: rustls::server::ClientHello<'_>,
    ) -> Option<Arc<rustls::sign::CertifiedKey>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::versions;

    #[test]
    fn versions_are_from_the_oldest_to_the_newest() {
        assert_eq!(versions("", "").unwrap().len(), 2);
        assert_eq!(versions("tls1.3", "").unwrap().len(), 1);
        assert_eq!(versions("", "tls1.2").unwrap().len(), 1);
        assert!(versions("tls1.3", "tls1.2").is_err());
        assert!(versions("tls1.1", "").is_err());
    }
}
