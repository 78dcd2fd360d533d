//! A TLS client that trusts one root and nothing else, and looks at what it is shown.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// How long a server may say nothing in the middle of a handshake or an answer.
const SILENCE: Duration = Duration::from_secs(10);

/// The protocol of the challenge TLS-ALPN-01.
pub(crate) const ACME_TLS: &[u8] = b"acme-tls/1";

/// The client; it resumes no sessions, so that each handshake shows a certificate.
#[derive(Clone)]
pub(crate) struct Client(Arc<ClientConfig>);

/// What a server showed and answered.
#[derive(Debug)]
pub(crate) struct Shown {
    /// The certificate of the server.
    pub(crate) certificate: CertificateDer<'static>,
    /// What was chosen of the protocols that were offered.
    pub(crate) protocol: Option<Vec<u8>>,
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Client {
    /// Trusts the roots in a PEM file and offers these protocols.
    pub(crate) fn new(roots: &Path, protocols: &[&[u8]]) -> Self {
        let mut store = RootCertStore::empty();
        for root in CertificateDer::pem_file_iter(roots).expect("the roots can be read") {
            let root = root.expect("the roots are PEM");
            store.add(root).expect("a root is a certificate");
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("the provider has TLS 1.2 and 1.3")
            .with_root_certificates(store)
            .with_no_client_auth();
        config.resumption = Resumption::disabled();
        config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
        Self(Arc::new(config))
    }

    /// Shakes hands, verifies, and asks for a path over HTTP/1.1.
    pub(crate) fn get(&self, port: u16, name: &str, path: &str) -> Result<Shown, String> {
        let tcp = TcpStream::connect(("127.0.0.1", port)).map_err(|error| error.to_string())?;
        tcp.set_read_timeout(Some(SILENCE)).expect("it is not zero");
        let server = ServerName::try_from(name.to_owned()).expect("tests write names");
        let connection = ClientConnection::new(Arc::clone(&self.0), server)
            .map_err(|error| error.to_string())?;
        let mut stream = StreamOwned::new(connection, tcp);
        let request = format!("GET {path} HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n");
        stream
            .write_all(request.as_bytes())
            .map_err(|error| error.to_string())?;
        let mut answer = Vec::new();
        if let Err(error) = stream.read_to_end(&mut answer)
            && answer.is_empty()
        {
            return Err(error.to_string());
        }
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").ok_or("no whole answer")?;
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
        let shown = stream.conn.peer_certificates().and_then(<[_]>::first);
        Ok(Shown {
            certificate: shown.ok_or("no certificate")?.clone(),
            protocol: stream.conn.alpn_protocol().map(<[u8]>::to_vec),
            status: status.ok_or("no status")?,
            body: body.to_owned(),
        })
    }
}
