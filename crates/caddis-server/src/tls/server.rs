//! TLS handshakes of one server: the first policy that matches, and the certificate for the name.

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use caddis_ir::ConnectionPolicy;
use rustls::server::{Acceptor, ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, SignatureScheme};
use tokio::io::AsyncWriteExt;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{LazyConfigAcceptor, StartHandshake};
use tracing::debug;

use super::challenges::{ACME_TLS, Challenges};
use super::ciphers::prefers_aes;
use super::client_auth::Whom;
use super::handshake_match::HandshakeMatch;
use super::selection::Selection;
use super::supply::{Asked, Supply};
use super::{Certificate, Certificates};
use crate::TlsConnection;
use crate::body::BodyError;
use crate::listen::{Activity, Phase, Transport};

/// A fatal `internal_error`, which is what Caddy sends to a client that asks for a name it has no certificate for.
const NO_CERTIFICATE: [u8; 7] = [21, 3, 3, 0, 2, 2, 80];

/// How the TLS connections of one server are made.
#[derive(Debug)]
pub(crate) struct TlsServer {
    /// The first that matches is taken.
    pub(crate) policies: Vec<Policy>,
    /// The same as the config has them.
    pub(crate) given: Vec<ConnectionPolicy>,
    /// Swapped when one is renewed.
    pub(crate) certificates: Arc<ArcSwap<Certificates>>,
    /// Asked in order while a client waits, where no certificate at hand has its name.
    pub(crate) suppliers: Vec<Arc<dyn Supply>>,
}

/// The two ends of a connection.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    pub(crate) peer: SocketAddr,
    pub(crate) local: SocketAddr,
}

/// How some TLS connections are made.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(super) matcher: HandshakeMatch,
    /// Which certificates it takes.
    pub(super) selection: Selection,
    /// The name of clients that name none, if there is no certificate for our address.
    pub(super) default_name: Option<String>,
    /// Whose certificate clients get that there is none for.
    pub(super) fallback_name: Option<String>,
    /// Its connections are refused.
    pub(super) drop: bool,
    /// Who may connect, if clients have to show certificates.
    pub(super) clients: Option<Whom>,
    /// Protocols, tickets and what clients have to show; its resolver is replaced for each connection.
    pub(super) config: ServerConfig,
}

impl TlsServer {
    /// True if connections are made in the same way, with the same clients.
    pub(crate) fn has_the_terms_of(&self, other: &Self) -> bool {
        let clients = |server: &Self| -> Vec<_> {
            (server.policies.iter())
                .map(|policy| policy.clients)
                .collect()
        };
        self.given == other.given && clients(self) == clients(other)
    }

    /// Shakes hands, and says what was agreed on.
    pub(crate) async fn handshake<S: Transport>(
        &self,
        stream: S,
        ends: Ends,
        (challenges, activity): (&Challenges, Option<&Activity>),
    ) -> Result<(TlsStream<S>, TlsConnection), BodyError> {
        let mut start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        if is_challenge(&start.client_hello()) {
            return self.prove(start, challenges).await;
        }
        let choice = self.choose(&start.client_hello(), ends);
        let config = match choice {
            Ok(choice) => self.config(choice, activity).await,
            Err(error) => Err(error),
        };
        let config = match config {
            Ok(config) => config,
            Err(error) => {
                start.io.write_all(&NO_CERTIFICATE).await?;
                start.io.shutdown().await?;
                return Err(error);
            }
        };
        let stream = start.into_stream(config).await?;
        let found = describe(stream.get_ref().1);
        Ok((stream, found))
    }

    /// Shows the certificate of a challenge, and ends the connection (RFC 8737, 3).
    async fn prove<S: Transport>(
        &self,
        mut start: StartHandshake<S>,
        challenges: &Challenges,
    ) -> Result<(TlsStream<S>, TlsConnection), BodyError> {
        let name = start
            .client_hello()
            .server_name()
            .unwrap_or_default()
            .to_owned();
        let (Some(key), Some(policy)) = (challenges.in_handshake(&name), self.policies.first())
        else {
            start.io.write_all(&NO_CERTIFICATE).await?;
            start.io.shutdown().await?;
            return Err(format!("no challenge of `{name}` is under way").into());
        };
        let mut config = policy.config.clone();
        config.alpn_protocols = vec![ACME_TLS.to_vec()];
        config.cert_resolver = Arc::new(Chosen(key));
        let mut stream = start.into_stream(Arc::new(config)).await?;
        stream.shutdown().await?;
        Err(format!("the challenge of `{name}` was answered").into())
    }

    /// The policy for a client, and its certificate as far as it is at hand.
    fn choose(&self, hello: &ClientHello<'_>, ends: Ends) -> Result<Choice<'_>, BodyError> {
        // A dot at its end would lead around the policies of a name, and has the same certificate.
        let asked = hello.server_name().unwrap_or_default();
        let asked = asked.trim_end_matches('.');
        let policy = (self.policies.iter())
            .find(|policy| policy.matcher.is_for(asked, ends))
            .ok_or_else(|| format!("no connection policy is for `{asked}`"))?;
        if policy.drop {
            return Err("the connection policy refuses the connection".into());
        }
        let certificates = self.certificates.load();
        let own_order = !prefers_aes(hello.cipher_suites());
        let schemes = hello.signature_schemes();
        if let Some(found) = policy.with_its_name(&certificates, asked, ends, schemes) {
            return Ok(Choice::Found(policy.with(found.key(), own_order)));
        }
        let fallback = policy
            .by_default(&certificates, asked, schemes)
            .or_else(|| {
                let name = policy.fallback_name.as_ref()?;
                certificates.of_name(name, &policy.selection, schemes)
            });
        if self.suppliers.is_empty() {
            let found = fallback.ok_or_else(|| format!("no certificate is for `{asked}`"))?;
            return Ok(Choice::Found(policy.with(found.key(), own_order)));
        }
        let fallback = fallback.map(|found| found.key());
        Ok(Choice::Asked(Box::new(Waiting {
            policy,
            own_order,
            fallback,
            asked: policy.asked(hello, ends),
        })))
    }

    /// The config for one connection. Waits for those who get certificates, if there are any.
    async fn config(
        &self,
        choice: Choice<'_>,
        activity: Option<&Activity>,
    ) -> Result<Arc<ServerConfig>, BodyError> {
        let waiting = match choice {
            Choice::Found(config) => return Ok(config),
            Choice::Asked(waiting) => waiting,
        };
        let Waiting {
            policy,
            asked,
            own_order,
            fallback,
        } = &*waiting;
        debug!(
            target: "tls.handshake", remote = %asked.peer, local = %asked.local, server_name = asked.server_name,
            identifier = asked.name, signatures = ?asked.schemes, ciphers = ?asked.cipher_suites,
            "no certificate is at hand, asking for one"
        );
        if let Some(activity) = activity {
            activity.enters(Phase::Waiting);
        }
        for supplier in &self.suppliers {
            if let Some(key) = supplier.supply(asked).await? {
                if let Some(activity) = activity {
                    activity.enters(Phase::Handshake);
                }
                return Ok(policy.with(key, *own_order));
            }
        }
        let key =
            (fallback.as_ref()).ok_or_else(|| format!("no certificate is for `{}`", asked.name))?;
        Ok(policy.with(Arc::clone(key), *own_order))
    }
}

/// What a handshake goes on with.
enum Choice<'a> {
    /// A certificate that is at hand.
    Found(Arc<ServerConfig>),
    /// One that is asked for.
    Asked(Box<Waiting<'a>>),
}

/// A handshake whose certificate is asked for.
struct Waiting<'a> {
    policy: &'a Policy,
    asked: Asked,
    own_order: bool,
    /// Shown if nobody has one.
    fallback: Option<Arc<CertifiedKey>>,
}

/// True if the client wants nothing but the certificate of a challenge.
fn is_challenge(hello: &ClientHello<'_>) -> bool {
    let mut asked = hello.alpn().into_iter().flatten();
    asked.next() == Some(ACME_TLS) && asked.next().is_none()
}

impl Policy {
    /// The certificate for the name that a client asks for. A client that connects to an address names no server: the
    /// address is the name.
    fn with_its_name<'a>(
        &self,
        certificates: &'a Certificates,
        asked: &str,
        ends: Ends,
        schemes: &[SignatureScheme],
    ) -> Option<&'a Arc<Certificate>> {
        if !asked.is_empty() {
            return certificates.choose(asked, &self.selection, schemes);
        }
        let address = ends.local.ip().to_canonical().to_string();
        certificates.of_name(&address, &self.selection, schemes)
    }

    /// The certificate for clients that name no server.
    fn by_default<'a>(
        &self,
        certificates: &'a Certificates,
        asked: &str,
        schemes: &[SignatureScheme],
    ) -> Option<&'a Arc<Certificate>> {
        let name = self.default_name.as_ref().filter(|_| asked.is_empty())?;
        certificates.of_name(name, &self.selection, schemes)
    }

    /// What a client says, for those who get certificates.
    fn asked(&self, hello: &ClientHello<'_>, ends: Ends) -> Asked {
        let server_name = hello.server_name().unwrap_or_default().to_owned();
        let name = match (server_name.as_str(), &self.default_name) {
            ("", Some(name)) => name.clone(),
            ("", None) => ends.local.ip().to_canonical().to_string(),
            (name, _) => name.trim_end_matches('.').to_ascii_lowercase(),
        };
        Asked {
            name,
            server_name,
            peer: ends.peer,
            local: ends.local,
            schemes: hello.signature_schemes().to_vec(),
            cipher_suites: hello.cipher_suites().to_vec(),
        }
    }

    /// Its config, with the certificate for one connection.
    fn with(&self, key: Arc<CertifiedKey>, own_order: bool) -> Arc<ServerConfig> {
        let mut config = self.config.clone();
        config.ignore_client_order = !own_order;
        config.cert_resolver = Arc::new(Chosen(key));
        Arc::new(config)
    }
}

fn describe(connection: &rustls::ServerConnection) -> TlsConnection {
    let alpn = connection.alpn_protocol().unwrap_or_default();
    let suite = connection.negotiated_cipher_suite();
    TlsConnection {
        server_name: connection.server_name().unwrap_or_default().to_owned(),
        alpn: String::from_utf8_lossy(alpn).into_owned(),
        version: match connection.protocol_version() {
            Some(rustls::ProtocolVersion::TLSv1_2) => "tls1.2",
            Some(_) | None => "tls1.3",
        },
        cipher_suite: suite.map_or_else(String::new, |suite| iana_name(suite.suite())),
        client_certificate: (connection.peer_certificates())
            .and_then(|chain| Some(chain.first()?.to_vec())),
        resumed: connection.handshake_kind() == Some(rustls::HandshakeKind::Resumed),
    }
}

/// rustls says `TLS13_AES_128_GCM_SHA256` where everyone else says `TLS_AES_128_GCM_SHA256`.
fn iana_name(suite: rustls::CipherSuite) -> String {
    let name = suite.as_str().unwrap_or_default();
    name.replacen("TLS13_", "TLS_", 1)
}

/// The certificate that was chosen for one connection.
#[derive(Debug)]
struct Chosen(Arc<CertifiedKey>);

impl ResolvesServerCert for Chosen {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}
