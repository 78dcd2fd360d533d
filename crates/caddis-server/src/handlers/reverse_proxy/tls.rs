//! TLS towards upstreams.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::upstream::Address;
use crate::Stream;
use crate::placeholders::Template;

/// TLS towards upstreams.
pub(super) struct Tls {
    configured: TlsConnector,
    http1: TlsConnector,
    terms: Terms,
}

/// What the config says of TLS beside certificates.
pub(super) struct Terms {
    /// The name that is asked for and that the certificate must have.
    pub(super) server_name: Named,
    /// How long a handshake may take.
    pub(super) timeout: Duration,
    /// The ports that are asked without TLS.
    pub(super) except_ports: Box<[Box<str>]>,
}

/// Who says which name an upstream's certificate must have.
pub(super) enum Named {
    /// The upstream's host is it.
    ByUpstream,
    /// The config.
    ByConfig(ServerName<'static>),
    /// Each request. No connection is used again then: it would have been made for another name.
    ByRequest(Template),
}

/// The name for one request; an extension of the request on its way to the connection.
#[derive(Clone, Debug)]
pub(super) struct Wanted(pub(super) String);

/// Which protocols are offered in a handshake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocols {
    /// Those of the config.
    Configured,
    /// HTTP/1.1 alone.
    Http1,
}

const HTTP_1: &[u8] = b"http/1.1";
const HTTP_2: &[u8] = b"h2";

impl Tls {
    /// Prepares TLS; `http2` says whether HTTP/2 is offered beside HTTP/1.1.
    pub(super) fn new(config: ClientConfig, terms: Terms, http2: bool) -> Self {
        let configured = http2.then_some(HTTP_2).into_iter().chain([HTTP_1]);
        Self {
            configured: connector(config.clone(), configured),
            http1: connector(config, [HTTP_1]),
            terms,
        }
    }

    /// Whether an upstream is asked over TLS.
    pub(super) fn is_for(&self, upstream: &Address) -> bool {
        !self.terms.except_ports.contains(&upstream.port)
    }

    /// The name that depends on the request, if it does.
    pub(super) fn named_by_request(&self) -> Option<&Template> {
        match &self.terms.server_name {
            Named::ByUpstream | Named::ByConfig(_) => None,
            Named::ByRequest(name) => Some(name),
        }
    }

    /// Makes the handshake; says whether HTTP/2 was chosen.
    pub(super) async fn connect(
        &self,
        host: &str,
        wanted: Option<Wanted>,
        stream: Box<dyn Stream>,
        protocols: Protocols,
    ) -> io::Result<(Box<dyn Stream>, bool)> {
        let name = match (&self.terms.server_name, wanted) {
            (Named::ByConfig(name), _) => Ok(name.clone()),
            (Named::ByUpstream, _) => ServerName::try_from(host.to_owned()),
            (Named::ByRequest(_), wanted) => {
                ServerName::try_from(wanted.map(|Wanted(name)| name).unwrap_or_default())
            }
        };
        let name = name.map_err(io::Error::other)?;
        let connector = match protocols {
            Protocols::Configured => &self.configured,
            Protocols::Http1 => &self.http1,
        };
        let stream = timeout(self.terms.timeout, connector.connect(name, stream))
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
        let http2 = stream.get_ref().1.alpn_protocol() == Some(HTTP_2);
        Ok((Box::new(stream), http2))
    }
}

fn connector(
    mut config: ClientConfig,
    protocols: impl IntoIterator<Item = &'static [u8]>,
) -> TlsConnector {
    config.alpn_protocols = protocols.into_iter().map(<[u8]>::to_vec).collect();
    TlsConnector::from(Arc::new(config))
}
