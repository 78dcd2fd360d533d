//! TLS connections that we make: whom we believe, and which key exchanges we offer.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WantsClientCert, WebPkiServerVerifier, verify_server_name};
use rustls::crypto::aws_lc_rs::{default_provider, kx_group};
use rustls::crypto::{
    CryptoProvider, SupportedKxGroup, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, ConfigBuilder, DigitallySignedStruct, Error, RootCertStore,
    SignatureScheme,
};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::issue::Fault;

/// Whose certificates are believed.
#[derive(Clone, Debug)]
pub(crate) enum Trust {
    /// Those that these authorities have signed.
    Roots(Arc<RootCertStore>),
    /// Anybody's.
    Anyone,
}

/// A config for connections; only our own certificate is left to be said. `curves` are all that there are if empty.
pub(crate) fn client_config(
    trust: Trust,
    curves: &[&'static dyn SupportedKxGroup],
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, Fault> {
    let mut provider = default_provider();
    if !curves.is_empty() {
        provider.kx_groups = curves.to_vec();
    }
    let provider = Arc::new(provider);
    let verifier: Arc<dyn ServerCertVerifier> = match trust {
        Trust::Roots(roots) => Arc::new(Believing {
            inner: WebPkiServerVerifier::builder_with_provider(
                Arc::clone(&roots),
                Arc::clone(&provider),
            )
            .build()
            .map_err(|error| error.to_string())?,
            roots,
        }),
        Trust::Anyone => Arc::new(Gullible(Arc::clone(&provider))),
    };
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(config
        .dangerous()
        .with_custom_certificate_verifier(verifier))
}

/// The key exchange that Caddy calls so.
pub(crate) fn curve(name: &str) -> Option<&'static dyn SupportedKxGroup> {
    match name {
        "x25519mlkem768" => Some(kx_group::X25519MLKEM768),
        "x25519" => Some(kx_group::X25519),
        "secp256r1" => Some(kx_group::SECP256R1),
        "secp384r1" => Some(kx_group::SECP384R1),
        _ => None,
    }
}

/// Renegotiation was taken out of TLS, and rustls never had it.
pub(crate) fn check_renegotiation(wanted: &str) -> Result<(), Fault> {
    match wanted {
        "" | "never" => Ok(()),
        wanted => Err(format!(
            "caddis cannot let others renegotiate TLS `{wanted}`: it would be a way around its checks"
        )),
    }
}

/// Believes what authorities have signed, and the certificates of the pool themselves.
#[derive(Debug)]
struct Believing {
    inner: Arc<WebPkiServerVerifier>,
    roots: Arc<RootCertStore>,
}

/// Whether a certificate is in a pool itself, though it says that it is an authority's: `openssl req -x509` makes such,
/// and Go takes them. Whoever shakes hands with it has its key.
pub(super) fn knows(roots: &RootCertStore, certificate: &CertificateDer<'_>) -> bool {
    let mut alone = RootCertStore::empty();
    alone.add(certificate.clone().into_owned()).is_ok()
        && (alone.roots.iter()).all(|anchor| roots.roots.contains(anchor))
}

impl ServerCertVerifier for Believing {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verified = self.inner.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match verified {
            Err(Error::InvalidCertificate(CertificateError::Other(_)))
                if knows(&self.roots, end_entity) =>
            {
                check_validity(end_entity, now)?;
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Whether a certificate is valid at a time.
pub(super) fn check_validity(
    certificate: &CertificateDer<'_>,
    now: UnixTime,
) -> Result<(), CertificateError> {
    let (_, parsed) =
        X509Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
    let validity = parsed.validity();
    if now < validity.not_before.timestamp() {
        return Err(CertificateError::NotValidYet);
    }
    if now > validity.not_after.timestamp() {
        return Err(CertificateError::Expired);
    }
    Ok(())
}

/// Believes anybody, as `insecure_skip_verify` asks for.
#[derive(Debug)]
struct Gullible(Arc<CryptoProvider>);

impl ServerCertVerifier for Gullible {
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
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            cert,
            dss,
            &self.0.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        (self.0.signature_verification_algorithms).supported_schemes()
    }
}
