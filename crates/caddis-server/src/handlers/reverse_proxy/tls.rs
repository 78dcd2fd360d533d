//! TLS towards upstreams.

use std::io;
use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::ServerName;
use tokio_rustls::TlsConnector;

use crate::Stream;

/// TLS towards upstreams, verified with the system's roots.
pub(super) struct Tls {
    configured: TlsConnector,
    http1: TlsConnector,
}

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
    /// Prepares TLS; `http1` and `http2` say which versions the config has.
    pub(super) fn new(
        roots: Arc<RootCertStore>,
        http1: bool,
        http2: bool,
    ) -> Result<Self, rustls::Error> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let offered = [(http2, HTTP_2), (http1, HTTP_1)];
        let configured = offered.into_iter().filter(|(offered, _)| *offered);
        Ok(Self {
            configured: connector(config.clone(), configured.map(|(_, name)| name)),
            http1: connector(config, [HTTP_1]),
        })
    }

    /// Makes the handshake; says whether HTTP/2 was chosen.
    pub(super) async fn connect(
        &self,
        host: &str,
        stream: Box<dyn Stream>,
        protocols: Protocols,
    ) -> io::Result<(Box<dyn Stream>, bool)> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let connector = match protocols {
            Protocols::Configured => &self.configured,
            Protocols::Http1 => &self.http1,
        };
        let stream = connector.connect(name, stream).await?;
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

/// The roots that the system trusts; the error says why there are none.
pub(crate) fn system_roots() -> Result<Arc<RootCertStore>, String> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    let (added, _) = roots.add_parsable_certificates(found.certs);
    if added == 0 {
        let why = found.errors.first().map(ToString::to_string);
        return Err(why.unwrap_or_else(|| "the system has no certificates of authorities".into()));
    }
    Ok(Arc::new(roots))
}
