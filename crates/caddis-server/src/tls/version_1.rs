//! Client certificates of version 1, which have no extensions: `openssl x509 -req` makes them unless it is told
//! otherwise, Go takes them, and webpki does not read them.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key,
};
use rustls::pki_types::{
    CertificateDer, SignatureVerificationAlgorithm, SubjectPublicKeyInfoDer, TrustAnchor,
};
use rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore};
use x509_parser::prelude::{FromDer, X509Certificate, X509Version};

/// Whether a certificate is of version 1.
pub(super) fn is_one(certificate: &CertificateDer<'_>) -> bool {
    read(certificate).is_ok_and(|read| read.version() == X509Version::V1)
}

/// Whether one of the authorities has signed the certificate itself, with nobody between them.
pub(super) fn check_issuer(
    certificate: &CertificateDer<'_>,
    roots: &RootCertStore,
    provider: &CryptoProvider,
) -> Result<(), CertificateError> {
    let read = read(certificate)?;
    let (issuer, _) = value(read.issuer().as_raw()).ok_or(CertificateError::BadEncoding)?;
    let signed = read.tbs_certificate.as_ref();
    let signature = read.signature_value.data.as_ref();
    let algorithm = signature_algorithm(certificate).ok_or(CertificateError::BadEncoding)?;
    let has_signed = |root: &TrustAnchor<'_>| {
        let Some(key) = Key::of(&root.subject_public_key_info) else {
            return false;
        };
        root.subject.as_ref() == issuer
            && (provider.signature_verification_algorithms.all.iter())
                .filter(|one| one.signature_alg_id().as_ref() == algorithm)
                .any(|one| key.verifies(*one, signed, signature))
    };
    if roots.roots.iter().any(has_signed) {
        Ok(())
    } else {
        Err(CertificateError::UnknownIssuer)
    }
}

/// Verifies what the client has signed with its key in a handshake of TLS 1.2.
pub(super) fn verify_tls12_signature(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    let read = read(certificate)?;
    let (key, _) = value(read.public_key().raw).ok_or(CertificateError::BadEncoding)?;
    let key = Key::of(key).ok_or(CertificateError::BadEncoding)?;
    let possible = algorithms.mapping.iter();
    let mut possible = possible.filter(|(scheme, _)| *scheme == signed.scheme);
    let verifies = possible.any(|(_, algorithms)| {
        (algorithms.iter()).any(|one| key.verifies(*one, message, signed.signature()))
    });
    if verifies {
        Ok(HandshakeSignatureValid::assertion())
    } else {
        Err(CertificateError::BadSignature.into())
    }
}

/// Verifies what the client has signed with its key in a handshake of TLS 1.3.
pub(super) fn verify_tls13_signature(
    message: &[u8],
    certificate: &CertificateDer<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error> {
    let read = read(certificate)?;
    let key = SubjectPublicKeyInfoDer::from(read.public_key().raw);
    verify_tls13_signature_with_raw_key(message, &key, signed, algorithms)
}

fn read<'a>(certificate: &'a CertificateDer<'_>) -> Result<X509Certificate<'a>, CertificateError> {
    match X509Certificate::from_der(certificate) {
        Ok(([], read)) => Ok(read),
        Ok(_) | Err(_) => Err(CertificateError::BadEncoding),
    }
}

/// A public key with its algorithm.
struct Key<'a> {
    algorithm: &'a [u8],
    bits: &'a [u8],
}

impl<'a> Key<'a> {
    /// Reads what stands within a `SubjectPublicKeyInfo`.
    fn of(info: &'a [u8]) -> Option<Self> {
        let (algorithm, rest) = value(info)?;
        let (bits, _) = value(rest)?;
        // The first byte of a bit string is how many bits of its last one do not count.
        let (0, bits) = bits.split_first()? else {
            return None;
        };
        Some(Self { algorithm, bits })
    }

    fn verifies(
        &self,
        algorithm: &dyn SignatureVerificationAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        algorithm.public_key_alg_id().as_ref() == self.algorithm
            && (algorithm.verify_signature(self.bits, message, signature)).is_ok()
    }
}

/// What the second part of a certificate says: the algorithm of its signature.
fn signature_algorithm<'a>(certificate: &'a CertificateDer<'_>) -> Option<&'a [u8]> {
    let (inner, _) = value(certificate)?;
    let (_, rest) = value(inner)?;
    Some(value(rest)?.0)
}

/// The value that DER begins with, and what stands after it.
fn value(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (_, rest) = der.split_first()?;
    let (&length, rest) = rest.split_first()?;
    let (length, rest) = match length {
        0..=0x7f => (usize::from(length), rest),
        0x81..=0x84 => {
            let (length, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
            let length = length
                .iter()
                .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
            (length, rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}
