//! What clients have to show: whether at all, signed by whom, and which certificates.

use std::sync::Arc;

use caddis_ir::{CaPool, ClientAuthentication, Path};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore,
    SignatureScheme,
};
use sha2::{Digest as _, Sha256};
use tracing::debug;

use super::client::{check_validity, knows};
use super::{ca_pool, leaves, version_1};
use crate::BuildError;
use crate::builder::Builder;

/// Whether a policy asks clients for certificates; an empty part of the config asks for nothing, as in Caddy.
pub(crate) fn asks_clients(config: &ClientAuthentication) -> bool {
    *config != ClientAuthentication::default()
}

/// How clients are looked at.
pub(super) struct Check {
    pub(super) verifier: Arc<dyn ClientCertVerifier>,
    /// The same for the same authorities and certificates.
    pub(super) whom: Whom,
}

/// Stands for all who may connect.
pub(super) type Whom = [u8; 32];

/// Who looks at what clients show.
pub(super) fn check(
    config: &ClientAuthentication,
    provider: &Arc<CryptoProvider>,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Option<Check> {
    let mode = Mode::read(config, at, builder)?;
    let roots = roots(config, mode, at, builder)?;
    let authorities = roots.clone().filter(|_| mode.verifies).map(|roots| {
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(provider));
        verifier.build().map(|inner| Authorities { inner, roots })
    });
    let authorities = match authorities.transpose() {
        Ok(authorities) => authorities,
        Err(error) => {
            builder.error(at, format!("clients cannot be verified: {error}"));
            return None;
        }
    };
    let expected = leaves::expected(config, at, builder)?;
    let whom = whom(roots.as_deref(), &expected);
    let verifier = Arc::new(Clients {
        authorities,
        hints: roots.map_or_else(Vec::new, |roots| roots.subjects()),
        // Caddy's verifiers refuse whoever shows nothing.
        needed: mode.needs || !expected.is_empty(),
        expected,
        provider: Arc::clone(provider),
    });
    Some(Check { verifier, whom })
}

fn whom(roots: Option<&RootCertStore>, expected: &[Vec<CertificateDer<'static>>]) -> Whom {
    let mut digest = Sha256::new();
    let mut add = |part: &[u8]| {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    };
    for root in roots.iter().flat_map(|roots| &roots.roots) {
        add(&root.subject);
        add(&root.subject_public_key_info);
    }
    for leaves in expected {
        add(b"one of");
        for leaf in leaves {
            add(leaf);
        }
    }
    digest.finalize().into()
}

/// What is made of certificates.
#[derive(Clone, Copy, Debug)]
struct Mode {
    /// Whether there is no connection without one.
    needs: bool,
    /// Whether it is looked at who has signed it.
    verifies: bool,
}

impl Mode {
    fn read(config: &ClientAuthentication, at: &Path, builder: &mut Builder<'_>) -> Option<Self> {
        let names_whom_to_trust = config.ca.is_some()
            || !config.trusted_ca_certs.is_empty()
            || !config.trusted_ca_certs_pem_files.is_empty()
            || !config.trusted_leaf_certs.is_empty();
        let (needs, verifies) = match config.mode.as_str() {
            "request" => (false, false),
            "require" => (true, false),
            "verify_if_given" => (false, true),
            "require_and_verify" => (true, true),
            "" => (true, names_whom_to_trust),
            other => {
                builder.error_with_help(
                    &at.key("mode"),
                    format!("`{other}` is not a mode of client authentication"),
                    "write `request`, `require`, `verify_if_given` or `require_and_verify`",
                );
                return None;
            }
        };
        Some(Self { needs, verifies })
    }
}

/// Who may have signed; the system's authorities if certificates are verified and nobody is named, as in Go.
#[expect(
    clippy::option_option,
    reason = "that there is an error is not that there are no authorities"
)]
fn roots(
    config: &ClientAuthentication,
    mode: Mode,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Option<Option<Arc<RootCertStore>>> {
    let older =
        !config.trusted_ca_certs.is_empty() || !config.trusted_ca_certs_pem_files.is_empty();
    let found = match &config.ca {
        Some(_) if older => Err(BuildError {
            path: at.key("ca"),
            message: "whom to trust is said in two ways".into(),
            help: Some("leave out `trusted_ca_certs` and `trusted_ca_certs_pem_files`".into()),
        }),
        Some(pool) => ca_pool::roots(pool, &at.key("ca"), builder.around()).map(Some),
        None if older => older_roots(config, at, builder).map(Some),
        None if mode.verifies => match ca_pool::system(builder.environment) {
            Ok(roots) => return Some(Some(roots)),
            Err(message) => Err(BuildError {
                path: at.clone(),
                message,
                help: Some("say with `ca` whom to trust".into()),
            }),
        },
        None => Ok(None),
    };
    match found {
        Ok(roots) => Some(roots.map(Arc::new)),
        Err(error) => {
            builder.found(error);
            None
        }
    }
}

fn older_roots(
    config: &ClientAuthentication,
    at: &Path,
    builder: &Builder<'_>,
) -> Result<RootCertStore, BuildError> {
    let inline = CaPool::Inline {
        trusted_ca_certs: config.trusted_ca_certs.clone(),
    };
    let file = CaPool::File {
        pem_files: config.trusted_ca_certs_pem_files.clone(),
    };
    let mut roots = RootCertStore::empty();
    if !config.trusted_ca_certs.is_empty() {
        roots.extend(ca_pool::roots(&inline, at, builder.around())?.roots);
    }
    if !config.trusted_ca_certs_pem_files.is_empty() {
        roots.extend(ca_pool::roots(&file, at, builder.around())?.roots);
    }
    Ok(roots)
}

/// Looks at what clients show.
#[derive(Debug)]
struct Clients {
    /// Nothing is verified but that the client has the key if there are none.
    authorities: Option<Authorities>,
    /// Told to clients, who choose by them what to show.
    hints: Vec<DistinguishedName>,
    needed: bool,
    /// The certificates that may be shown; a list for each verifier.
    expected: Vec<Vec<CertificateDer<'static>>>,
    provider: Arc<CryptoProvider>,
}

/// Who may have signed.
#[derive(Debug)]
struct Authorities {
    inner: Arc<dyn ClientCertVerifier>,
    roots: Arc<RootCertStore>,
}

impl Clients {
    fn check(
        &self,
        shown: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<(), CertificateError> {
        if let Some(authorities) = &self.authorities {
            authorities.check(shown, chain, now, &self.provider)?;
        }
        let is_expected = (self.expected.iter()).all(|leaves| leaves.contains(shown));
        is_expected
            .then_some(())
            .ok_or(CertificateError::ApplicationVerificationFailure)
    }
}

impl Authorities {
    fn check(
        &self,
        shown: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        now: UnixTime,
        provider: &CryptoProvider,
    ) -> Result<(), CertificateError> {
        let error = match self.inner.verify_client_cert(shown, chain, now) {
            Ok(_) => return Ok(()),
            Err(Error::InvalidCertificate(error)) => error,
            Err(_) => return Err(CertificateError::BadEncoding),
        };
        let CertificateError::Other(_) = error else {
            return Err(error);
        };
        // An authority's own certificate, or one without extensions: `openssl` makes both unless it is told otherwise.
        if version_1::is_one(shown) {
            check_validity(shown, now)?;
            return version_1::check_issuer(shown, &self.roots, provider);
        }
        if !knows(&self.roots, shown) {
            return Err(CertificateError::UnknownIssuer);
        }
        check_validity(shown, now)
    }
}

impl ClientCertVerifier for Clients {
    fn client_auth_mandatory(&self) -> bool {
        self.needed
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let checked = self.check(end_entity, intermediates, now);
        checked.map_err(|error| {
            debug!(target: "tls.handshake", %error, "the certificate of a client is refused");
            Error::InvalidCertificate(as_caddy_tells(error))
        })?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        if version_1::is_one(cert) {
            return version_1::verify_tls12_signature(message, cert, dss, algorithms);
        }
        rustls::crypto::verify_tls12_signature(message, cert, dss, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        if version_1::is_one(cert) {
            return version_1::verify_tls13_signature(message, cert, dss, algorithms);
        }
        rustls::crypto::verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        (self.provider.signature_verification_algorithms).supported_schemes()
    }
}

/// The error whose alert is the one that Caddy sends: `bad_certificate` for all that has none of its own.
fn as_caddy_tells(error: CertificateError) -> CertificateError {
    match error {
        CertificateError::Expired
        | CertificateError::ExpiredContext { .. }
        | CertificateError::NotValidYet
        | CertificateError::NotValidYetContext { .. }
        | CertificateError::UnknownIssuer => error,
        _ => CertificateError::BadEncoding,
    }
}
