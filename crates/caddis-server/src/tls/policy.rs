//! Connection policies of the config, made ready for handshakes.

use std::sync::Arc;

use arc_swap::ArcSwap;
use caddis_ir::{ConnectionPolicy, Path, Server, SessionTickets};
use rustls::crypto::CryptoProvider;
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoClientAuth, ResolvesServerCert};
use rustls::version::{TLS12, TLS13};
use rustls::{ServerConfig, SupportedProtocolVersion};

use super::client_auth::Whom;
use super::handshake_match::HandshakeMatch;
use super::issue::Fault;
use super::secrets_log::SecretsLog;
use super::selection::Selection;
use super::server::{Policy, TlsServer};
use super::{Certificates, ciphers, client_auth, tickets};
use crate::builder::Builder;
use crate::listen::Settings;

/// How a server's TLS connections are made; what is wrong is noted with its place.
pub(crate) fn tls_server(
    server: &Server,
    at: &Path,
    tickets: Option<&SessionTickets>,
    certificates: Arc<ArcSwap<Certificates>>,
    builder: &mut Builder<'_>,
) -> TlsServer {
    let settings = Settings::of(server);
    let given = server.tls_connection_policies.as_deref();
    let given = given.unwrap_or_default();
    let at = at.key("tls_connection_policies");
    let policies = (given.iter().enumerate())
        .filter_map(|(index, policy)| build(policy, &settings, tickets, &at.index(index), builder))
        .collect();
    TlsServer {
        policies,
        given: given.to_vec(),
        certificates,
        suppliers: Vec::new(),
    }
}

/// One policy for all connections, with nothing out of the ordinary.
pub(crate) fn plain_tls_server(
    certificates: Arc<ArcSwap<Certificates>>,
) -> Result<TlsServer, Fault> {
    let policy = ConnectionPolicy::default();
    let provider = Arc::new(ciphers::provider(&[]));
    let mut config = config(provider, &[&TLS12, &TLS13], Arc::new(NoClientAuth))?;
    config.alpn_protocols = alpn(&policy, &Settings::default());
    tickets::give_tickets(&mut config, None)?;
    Ok(TlsServer {
        policies: vec![Policy {
            matcher: HandshakeMatch::default(),
            selection: Selection::default(),
            default_name: None,
            fallback_name: None,
            drop: false,
            clients: None,
            config,
        }],
        given: vec![policy],
        certificates,
        suppliers: Vec::new(),
    })
}

fn build(
    policy: &ConnectionPolicy,
    settings: &Settings,
    tickets: Option<&SessionTickets>,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Option<Policy> {
    let matcher = (policy.matchers.as_ref())
        .map(|matchers| HandshakeMatch::build(matchers, &at.key("match"), builder));
    let selection = policy.certificate_selection.as_ref();
    let provider = provider(policy, at, builder);
    let versions = versions(&policy.protocol_min, &policy.protocol_max);
    let versions = versions.map_err(|message| {
        builder.error_with_help(at, message, "write `tls1.2` or `tls1.3`");
    });
    let provider = provider?;
    let (verifier, clients) = clients(policy, &provider, at, builder)?;
    let built = config(provider, &versions.ok()?, verifier).and_then(|mut config| {
        tickets::give_tickets(&mut config, tickets)?;
        Ok(config)
    });
    let mut config = built.map_err(|message| builder.error(at, message)).ok()?;
    config.alpn_protocols = alpn(policy, settings);
    if !policy.insecure_secrets_log.is_empty() {
        config.key_log = secrets_log(policy, &at.key("insecure_secrets_log"), builder)?;
    }
    let name = |name: &str, key: &str, builder: &mut Builder<'_>| {
        let name = builder.fixed(name, &at.key(key))?;
        (!name.is_empty()).then(|| name.trim_end_matches('.').to_ascii_lowercase())
    };
    Some(Policy {
        matcher: matcher.unwrap_or_default(),
        selection: selection.map(Selection::new).unwrap_or_default(),
        default_name: name(&policy.default_sni, "default_sni", builder),
        fallback_name: name(&policy.fallback_sni, "fallback_sni", builder),
        drop: policy.drop,
        clients,
        config,
    })
}

/// Ciphers and key exchanges.
fn provider(
    policy: &ConnectionPolicy,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Option<Arc<CryptoProvider>> {
    let suites = ciphers::suites(&policy.cipher_suites, &at.key("cipher_suites"), builder);
    let groups = ciphers::groups(&policy.curves, &at.key("curves"), builder);
    let mut provider = ciphers::provider(&suites?);
    if let Some(groups) = groups? {
        provider.kx_groups = groups;
    }
    Some(Arc::new(provider))
}

/// What is asked of clients, and who they may be if anything is.
fn clients(
    policy: &ConnectionPolicy,
    provider: &Arc<CryptoProvider>,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Option<(Arc<dyn ClientCertVerifier>, Option<Whom>)> {
    let asks = policy.client_authentication.as_ref();
    let Some(asks) = asks.filter(|asks| client_auth::asks_clients(asks)) else {
        return Some((Arc::new(NoClientAuth), None));
    };
    let at = at.key("client_authentication");
    let check = client_auth::check(asks, provider, &at, builder)?;
    Some((check.verifier, Some(check.whom)))
}

fn secrets_log(
    policy: &ConnectionPolicy,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Option<Arc<SecretsLog>> {
    let file = builder.fixed(&policy.insecure_secrets_log, at)?;
    let log = SecretsLog::open(&file);
    log.map(Arc::new)
        .map_err(|error| builder.error(at, format!("`{file}` cannot be written: {error}")))
        .ok()
}

fn config(
    provider: Arc<CryptoProvider>,
    versions: &[&'static SupportedProtocolVersion],
    verifier: Arc<dyn ClientCertVerifier>,
) -> Result<ServerConfig, Fault> {
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .map_err(|error| error.to_string())?
        .with_client_cert_verifier(verifier)
        .with_cert_resolver(Arc::new(Nothing));
    Ok(config)
}

/// The protocols inside; those that the server speaks if the policy names none.
fn alpn(policy: &ConnectionPolicy, settings: &Settings) -> Vec<Vec<u8>> {
    let spoken = [("h2", settings.http2), ("http/1.1", settings.http1)];
    let spoken = spoken.into_iter().filter(|(_, spoken)| *spoken);
    let given = policy.alpn.iter().map(|name| name.as_bytes().to_vec());
    if policy.alpn.is_empty() {
        spoken.map(|(name, _)| name.into()).collect()
    } else {
        given.collect()
    }
}

fn versions(min: &str, max: &str) -> Result<Vec<&'static SupportedProtocolVersion>, Fault> {
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
    use std::sync::Arc;

    use caddis_ir::{
        CaPool, ClientAuthentication, Config, ConnectionMatch, ConnectionPolicy, LeafLoader, Path,
        Pattern, RemoteIp, Server, Verifier,
    };

    use super::{tls_server, versions};
    use crate::builder::Builder;

    #[test]
    fn versions_are_from_the_oldest_to_the_newest() {
        assert_eq!(versions("", "").unwrap().len(), 2);
        assert_eq!(versions("tls1.3", "").unwrap().len(), 1);
        assert_eq!(versions("", "tls1.2").unwrap().len(), 1);
        assert!(versions("tls1.3", "tls1.2").is_err());
        assert!(versions("tls1.1", "").is_err());
    }

    /// What is wrong with a policy, as `place: message`.
    fn errors_of(policy: ConnectionPolicy) -> Vec<String> {
        let (config, environment) = (Config::default(), crate::testing::environment());
        let mut builder = Builder::beside(&config, &environment);
        let server = Server {
            tls_connection_policies: Some(vec![policy]),
            ..Server::default()
        };
        tls_server(&server, &Path::root(), None, Arc::default(), &mut builder);
        let line = |error: crate::BuildError| {
            let path = error.path.to_string();
            let place = path.trim_start_matches("tls_connection_policies/0/");
            format!("{place}: {}", error.message)
        };
        builder.into_errors().into_iter().map(line).collect()
    }

    #[test]
    fn what_rustls_does_not_have_is_refused_by_name() {
        let policy = ConnectionPolicy {
            cipher_suites: vec![
                "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305".into(),
                "TLS_RSA_WITH_AES_128_CBC_SHA".into(),
            ],
            curves: vec!["x25519".into(), "secp521r1".into()],
            protocol_min: "tls1.0".into(),
            ..ConnectionPolicy::default()
        };
        assert_eq!(
            errors_of(policy),
            [
                "cipher_suites/1: caddis does not have the cipher suite `TLS_RSA_WITH_AES_128_CBC_SHA`",
                "curves/1: caddis does not have the curve `secp521r1`",
                "tls_connection_policies/0: `tls1.0` is not a TLS version",
            ]
        );
    }

    #[test]
    fn a_matcher_that_cannot_be_read_is_refused() {
        let policy = ConnectionPolicy {
            matchers: Some(ConnectionMatch {
                remote_ip: Some(RemoteIp {
                    ranges: vec!["10.0.0.0/99".into()],
                    not_ranges: Vec::new(),
                }),
                sni_regexp: Some(Pattern {
                    name: String::new(),
                    pattern: "(".into(),
                }),
                ..ConnectionMatch::default()
            }),
            ..ConnectionPolicy::default()
        };
        let errors = errors_of(policy);
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert!(
            errors.iter().all(|error| error.starts_with("match/")),
            "{errors:?}"
        );
    }

    #[test]
    fn a_policy_that_could_trust_nobody_or_anybody_is_refused() {
        let error = |asked: ClientAuthentication| {
            let policy = ConnectionPolicy {
                client_authentication: Some(asked),
                ..ConnectionPolicy::default()
            };
            let errors = errors_of(policy);
            assert_eq!(errors.len(), 1, "{errors:?}");
            errors.into_iter().next().unwrap()
        };
        let missing = "/nonexistent/ca.pem".to_owned();
        let mode = error(ClientAuthentication {
            mode: "requires".into(),
            ..ClientAuthentication::default()
        });
        assert_eq!(
            mode,
            "client_authentication/mode: `requires` is not a mode of client authentication"
        );
        let pool = error(ClientAuthentication {
            ca: Some(CaPool::File {
                pem_files: vec![missing.clone()],
            }),
            ..ClientAuthentication::default()
        });
        assert!(pool.contains(&missing), "{pool}");
        let empty = error(ClientAuthentication {
            ca: Some(CaPool::File {
                pem_files: Vec::new(),
            }),
            ..ClientAuthentication::default()
        });
        assert!(empty.starts_with("client_authentication/ca: "), "{empty}");
        let leaf = error(ClientAuthentication {
            mode: "require".into(),
            verifiers: vec![Verifier::Leaf {
                leaf_certs_loaders: vec![LeafLoader::File {
                    files: vec![missing.clone()],
                }],
            }],
            ..ClientAuthentication::default()
        });
        assert!(leaf.contains(&missing), "{leaf}");
    }
}
