//! Connections to ports of this machine, plain or TLS.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

use http::Uri;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpSocket, TcpStream};

use crate::spec::Protocol;
use crate::{Answer, Heard, Sent, client};

/// How a request could not be sent, or its answer not be read.
#[derive(Debug)]
pub(super) enum Error {
    /// Nobody takes the connection.
    Connect(String),
    /// The TLS handshake failed.
    Handshake(String),
    /// The request cannot be written.
    Request(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Connect(why) => write!(f, "cannot connect: {why}"),
            Self::Handshake(why) => write!(f, "TLS handshake failed: {why}"),
            Self::Request(why) => write!(f, "the request cannot be sent: {why}"),
        }
    }
}

/// Sends a request to a port of this machine.
pub(super) async fn send(
    sent: &Sent,
    port: u16,
    roots: &Path,
    heard: &Heard,
) -> Result<Answer, Error> {
    let stream = connect(sent.peer, port).await?;
    if sent.url.scheme_str() == Some("https") {
        let stream = handshake(stream, &sent.url, sent.protocol, roots).await?;
        client::ask(stream, sent, heard).await
    } else {
        client::ask(stream, sent, heard).await
    }
    .map_err(Error::Request)
}

/// Connects, from an address of this machine if one is given.
pub(super) async fn connect(from: Option<IpAddr>, port: u16) -> Result<TcpStream, Error> {
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let connect = async {
        let socket = TcpSocket::new_v4()?;
        if let Some(from) = from {
            socket.bind(SocketAddr::new(from, 0))?;
        }
        socket.connect(to).await
    };
    connect
        .await
        .map_err(|error: std::io::Error| Error::Connect(error.to_string()))
}

/// Shakes hands as the host of a URL, trusting the certificates of a file.
pub(super) async fn handshake(
    stream: TcpStream,
    url: &Uri,
    protocol: Protocol,
    roots: &Path,
) -> Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static, Error> {
    let failed = |error: &dyn std::fmt::Display| Error::Handshake(error.to_string());
    let mut trusted = RootCertStore::empty();
    let certificates = CertificateDer::pem_file_iter(roots).map_err(|error| failed(&error))?;
    for certificate in certificates.flatten() {
        trusted.add(certificate).map_err(|error| failed(&error))?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&error))?
        .with_root_certificates(trusted)
        .with_no_client_auth();
    config.alpn_protocols = match protocol {
        Protocol::H1 => vec![b"http/1.1".to_vec()],
        Protocol::H2 => vec![b"h2".to_vec()],
    };
    let host = url.host().unwrap_or("").trim_matches(['[', ']']).to_owned();
    let name = ServerName::try_from(host).map_err(|error| failed(&error))?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    connector
        .connect(name, stream)
        .await
        .map_err(|error| failed(&error))
}
