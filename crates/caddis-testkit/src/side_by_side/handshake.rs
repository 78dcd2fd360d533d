//! The client's end of a TLS handshake: what it shows, and what it takes.

use std::io;
use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

use super::case::Handshake;

/// How one handshake is made.
pub(super) struct Hello<'a> {
    handshake: &'a Handshake,
    /// The root of the server's own authority.
    root: &'a Path,
    /// Where the files of the case are.
    site: &'a Path,
}

impl<'a> Hello<'a> {
    pub(super) fn new(handshake: &'a Handshake, root: &'a Path, site: &'a Path) -> Self {
        Self {
            handshake,
            root,
            site,
        }
    }

    /// Whether the server may say no behind the end of the handshake, as in TLS 1.3, which is heard or not.
    pub(super) fn may_be_refused(&self) -> bool {
        !self.handshake.is_tls12
    }

    pub(super) fn connection(&self, name: &str) -> io::Result<ClientConnection> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let versions = if self.handshake.is_tls12 {
            &TLS12
        } else {
            &TLS13
        };
        let config = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_protocol_versions(&[versions])
            .map_err(io::Error::other)?
            .dangerous()
            .with_custom_certificate_verifier(self.verifier(provider)?);
        let mut config = match &self.handshake.shows {
            Some(file) => {
                let file = self.site.join(file);
                let chain = CertificateDer::pem_file_iter(&file).map_err(io::Error::other)?;
                let chain = chain.collect::<Result<_, _>>().map_err(io::Error::other)?;
                let key = PrivateKeyDer::from_pem_file(&file).map_err(io::Error::other)?;
                config
                    .with_client_auth_cert(chain, key)
                    .map_err(io::Error::other)?
            }
            None => config.with_no_client_auth(),
        };
        config.resumption = Resumption::disabled();
        let offers = self.handshake.offers.as_deref();
        config.alpn_protocols = offers.map_or_else(
            || vec![b"http/1.1".to_vec()],
            |names| names.iter().map(|name| name.as_bytes().to_vec()).collect(),
        );
        let name = ServerName::try_from(name.to_owned()).map_err(io::Error::other)?;
        ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)
    }

    fn verifier(&self, provider: Arc<CryptoProvider>) -> io::Result<Arc<dyn ServerCertVerifier>> {
        if self.handshake.compares {
            return Ok(Arc::new(Anyone(provider)));
        }
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_file_iter(self.root).map_err(io::Error::other)? {
            let certificate = certificate.map_err(io::Error::other)?;
            roots.add(certificate).map_err(io::Error::other)?;
        }
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider);
        verifier
            .build()
            .map(|verifier| verifier as _)
            .map_err(io::Error::other)
    }

    /// What was agreed on, if it is compared.
    pub(super) fn agreed(&self, connection: &ClientConnection) -> Option<String> {
        self.handshake.compares.then(|| {
            let certificates = connection.peer_certificates().unwrap_or_default();
            let leaf = certificates.first().map(AsRef::as_ref).unwrap_or_default();
            let end: Vec<_> = (leaf.iter().rev().take(8))
                .map(|byte| format!("{byte:02x}"))
                .collect();
            let end = end.concat();
            format!(
                "{:?}, {:?}, {:?}, {} certificates, of which the first ends in {end}",
                connection.protocol_version(),
                connection
                    .negotiated_cipher_suite()
                    .map(|suite| suite.suite()),
                connection.alpn_protocol().map(String::from_utf8_lossy),
                certificates.len(),
            )
        })
    }
}

/// Takes any certificate.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        (self.0.signature_verification_algorithms).supported_schemes()
    }
}
