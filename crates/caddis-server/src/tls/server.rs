//! TLS handshakes of one server: the first policy that matches, and the certificate for the name.

use std::net::SocketAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use caddis_ir::ConnectionPolicy;
use rustls::ServerConfig;
use rustls::server::{Acceptor, ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::io::AsyncWriteExt;
use tokio_rustls::server::TlsStream;
use tokio_rustls::{LazyConfigAcceptor, StartHandshake};
use tracing::debug;

use super::Certificates;
use super::challenges::{ACME_TLS, Challenges};
use super::supply::{Asked, Supply};
use crate::TlsConnection;
use crate::body::BodyError;
use crate::listen::Transport;

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
    /// The names that it is for, with `*` for one label; all if empty.
    pub(crate) names: Vec<String>,
    /// The certificates that it takes, by their tags; all if empty.
    pub(crate) tags: Vec<String>,
    /// Protocols and tickets; its resolver is replaced for each connection.
    pub(crate) config: ServerConfig,
}

impl TlsServer {
    /// Shakes hands, and says what was agreed on.
    pub(crate) async fn handshake<S: Transport>(
        &self,
        stream: S,
        ends: Ends,
        challenges: &Challenges,
    ) -> Result<(TlsStream<S>, TlsConnection), BodyError> {
        let mut start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
        if is_challenge(&start.client_hello()) {
            return self.prove(start, challenges).await;
        }
        let choice = self.choose(&start.client_hello(), ends);
        let config = match choice {
            Ok(choice) => self.config(choice).await,
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
        let stream = start.into_stream(Arc::new(config)).await?;
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
        let asked = hello.server_name().unwrap_or_default();
        let policy = (self.policies.iter())
            .find(|policy| policy.is_for(asked))
            .ok_or_else(|| format!("no connection policy is for `{asked}`"))?;
        // A client that connects to an address names no server: the address is the name.
        let name = match asked {
            "" => ends.local.ip().to_canonical().to_string(),
            asked => asked.trim_end_matches('.').to_ascii_lowercase(),
        };
        let certificates = self.certificates.load();
        let schemes = hello.signature_schemes();
        if let Some(found) = certificates.choose(&name, &policy.tags, schemes) {
            return Ok(Choice::Found(policy, Arc::clone(&found.key)));
        }
        if self.suppliers.is_empty() {
            return Err(format!("no certificate is for `{name}`").into());
        }
        let asked = Asked {
            name,
            server_name: asked.to_owned(),
            peer: ends.peer,
            local: ends.local,
            schemes: schemes.to_vec(),
            cipher_suites: hello.cipher_suites().to_vec(),
        };
        Ok(Choice::Asked(policy, Box::new(asked)))
    }

    /// The config for one connection. Waits for those who get certificates, if there are any.
    async fn config(&self, choice: Choice<'_>) -> Result<ServerConfig, BodyError> {
        let (policy, asked) = match choice {
            Choice::Found(policy, key) => return Ok(policy.with(key)),
            Choice::Asked(policy, asked) => (policy, asked),
        };
        debug!(
            target: "tls.handshake", remote = %asked.peer, local = %asked.local, server_name = asked.server_name,
            identifier = asked.name, signatures = ?asked.schemes, ciphers = ?asked.cipher_suites,
            "no certificate is at hand, asking for one"
        );
        for supplier in &self.suppliers {
            if let Some(key) = supplier.supply(&asked).await? {
                return Ok(policy.with(key));
            }
        }
        Err(format!("no certificate is for `{}`", asked.name).into())
    }
}

/// What a handshake goes on with.
enum Choice<'a> {
    /// A certificate that is at hand.
    Found(&'a Policy, Arc<CertifiedKey>),
    /// One that is asked for.
    Asked(&'a Policy, Box<Asked>),
}

/// True if the client wants nothing but the certificate of a challenge.
fn is_challenge(hello: &ClientHello<'_>) -> bool {
    let mut asked = hello.alpn().into_iter().flatten();
    asked.next() == Some(ACME_TLS) && asked.next().is_none()
}

impl Policy {
    fn is_for(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|pattern| matches(pattern, name))
    }

    /// Its config, with the certificate for one connection.
    fn with(&self, key: Arc<CertifiedKey>) -> ServerConfig {
        let mut config = self.config.clone();
        config.cert_resolver = Arc::new(Chosen(key));
        config
    }
}

/// True if `pattern` is `name`, or has `*` in place of labels of it.
pub(super) fn matches(pattern: &str, name: &str) -> bool {
    let mut labels = name.split('.');
    let same = pattern.split('.').all(|pattern| {
        (labels.next()).is_some_and(|label| pattern == "*" || pattern.eq_ignore_ascii_case(label))
    });
    same && labels.next().is_none()
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

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_in_a_policy_stands_for_one_label() {
        assert!(matches("a.test", "A.test"));
        assert!(matches("*.test", "a.test"));
        assert!(!matches("*.test", "a.b.test"));
        assert!(!matches("*.test", "test"));
    }
}
