//! Certificates from files: PEM read, and the key compared with the certificate.

use std::fs;
use std::net::IpAddr;
use std::sync::Arc;

use arc_swap::ArcSwap;
use caddis_ir::{CertificateFile, KeyAlgorithm};
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use time::OffsetDateTime;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

use super::certificates::About;
use super::ocsp::Revocation;
use super::{Certificate, ocsp};

/// Why a certificate cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LoadError {
    /// What is wrong.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: Option<&'static str>,
}

/// Loads a certificate with its chain, and its key, from two files.
pub(crate) fn load(file: &CertificateFile) -> Result<Certificate, LoadError> {
    load_with(file, |path, what| {
        fs::read_to_string(path)
            .map_err(|error| plain(format!("{what} `{path}` cannot be read: {error}")))
    })
}

/// The same, from wherever the texts are.
pub(super) fn load_with(
    file: &CertificateFile,
    read: impl Fn(&str, &str) -> Result<String, LoadError>,
) -> Result<Certificate, LoadError> {
    if !matches!(file.format.as_str(), "" | "pem") {
        return Err(LoadError {
            message: format!("`{}` is not a format of certificates", file.format),
            help: Some("write `pem`, or leave it out"),
        });
    }
    let chain = read(&file.certificate, "the certificate file")?;
    let key = read(&file.key, "the key file")?;
    loaded(&chain, &key, &file.certificate, &file.tags)
}

/// A certificate that was loaded; `from` says from where, for what is to be said of it.
pub(super) fn loaded(
    chain: &str,
    key: &str,
    from: &str,
    tags: &[String],
) -> Result<Certificate, LoadError> {
    let mut certificate = from_pem(chain, key).map_err(|error| LoadError {
        message: format!("`{from}`: {}", error.message),
        help: error.help,
    })?;
    if certificate.not_after < OffsetDateTime::now_utc() {
        tracing::warn!(target: "tls", file = from, not_after = %certificate.not_after, "certificate has expired");
    }
    // Caddy writes the chain anew to find the place; where it has got one itself, it takes the text as it came.
    certificate.ocsp_file = ocsp::file_of(certificate.chain(), &certificate.names, None);
    certificate.tags = tags.to_vec();
    Ok(certificate)
}

/// Reads a chain and a key in PEM.
pub(crate) fn from_pem(text: &str, key: &str) -> Result<Certificate, LoadError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(text.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| LoadError {
            message: format!("the certificate is not valid PEM: {}", fault(&error)),
            help: Some("it may be cut off: compare it with the original"),
        })?;
    let leaf = chain.first().ok_or_else(|| LoadError {
        message: "there is no certificate in the file".into(),
        help: Some("the file must hold the certificate and its chain in PEM (`-----BEGIN CERTIFICATE-----`)"),
    })?;
    let (_, parsed) = X509Certificate::from_der(leaf)
        .map_err(|error| plain(format!("the certificate cannot be read: {error}")))?;
    let names = names(&parsed);
    let about = about(&parsed);
    let (not_before, not_after) = (
        parsed.validity().not_before.to_datetime(),
        parsed.validity().not_after.to_datetime(),
    );
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| LoadError {
        message: "there is no private key in the key file".into(),
        help: Some("the file must hold an unencrypted key in PEM (`-----BEGIN PRIVATE KEY-----`)"),
    })?;
    let key = any_supported_type(&key)
        .map_err(|error| plain(format!("the private key cannot be used: {error}")))?;
    let key = CertifiedKey::new(chain, key);
    match key.keys_match() {
        // A key that cannot tell its public half is taken at its word.
        Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {}
        Err(_) => {
            return Err(LoadError {
                message: "the key does not belong to the certificate".into(),
                help: Some("give the key that the certificate was made with"),
            });
        }
    }
    let pair = Arc::new(key);
    Ok(Certificate {
        ocsp_file: ocsp::file_of(&pair.cert, &names, Some(text)),
        shown: ArcSwap::new(Arc::clone(&pair)),
        pair,
        revocation: Revocation::default(),
        names,
        tags: Vec::new(),
        not_before,
        not_after,
        about,
    })
}

/// What connection policies choose the certificate by.
fn about(certificate: &X509Certificate<'_>) -> About {
    let organizations = certificate.subject().iter_organization();
    About {
        serial: certificate.serial.to_string(),
        organizations: organizations
            .filter_map(|name| name.as_str().ok())
            .map(str::to_owned)
            .collect(),
        key: match certificate.public_key().parsed() {
            Ok(PublicKey::RSA(_)) => Some(KeyAlgorithm::Rsa),
            Ok(PublicKey::EC(_)) => Some(KeyAlgorithm::Ecdsa),
            Ok(PublicKey::DSA(_)) => Some(KeyAlgorithm::Dsa),
            Ok(_) | Err(_) => None,
        },
    }
}

/// Until when the first certificate of a chain is valid, if it can be read.
pub(super) fn not_after(chain: &str) -> Option<OffsetDateTime> {
    let leaf = CertificateDer::pem_slice_iter(chain.as_bytes())
        .next()?
        .ok()?;
    let (_, parsed) = X509Certificate::from_der(&leaf).ok()?;
    Some(parsed.validity().not_after.to_datetime())
}

/// What is wrong with PEM, in words: the crate shows text as numbers.
fn fault(error: &pem::Error) -> String {
    match error {
        pem::Error::MissingSectionEnd { .. } => "its end (`-----END ...-----`) is missing".into(),
        pem::Error::IllegalSectionStart { .. } => "its first line is malformed".into(),
        error => error.to_string(),
    }
}

pub(super) fn plain(message: String) -> LoadError {
    LoadError {
        message,
        help: None,
    }
}

/// The names and addresses that a certificate is for; its subject only if it has no other.
fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let alternative = certificate.subject_alternative_name().ok().flatten();
    let names: Vec<_> = alternative
        .iter()
        .flat_map(|names| &names.value.general_names)
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
            GeneralName::IPAddress(bytes) => address(bytes).map(|address| address.to_string()),
            _ => None,
        })
        .collect();
    if !names.is_empty() {
        return names;
    }
    let common = certificate.subject().iter_common_name();
    common
        .filter_map(|name| name.as_str().ok())
        .map(str::to_ascii_lowercase)
        .collect()
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    let sixteen = <[u8; 16]>::try_from(bytes).map(IpAddr::from);
    four.or(sixteen).ok()
}

#[cfg(test)]
mod tests {
    use caddis_ir::CertificateFile;

    use super::{from_pem, load};

    fn pair(name: &str) -> (String, String) {
        let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn a_certificate_is_for_the_names_in_it() {
        let made = rcgen::generate_simple_self_signed(["A.test".into(), "::1".to_owned()]).unwrap();
        let read = from_pem(&made.cert.pem(), &made.signing_key.serialize_pem()).unwrap();
        assert_eq!(read.names, ["a.test", "::1"]);
    }

    #[test]
    fn every_fault_of_a_file_is_named() {
        let message = |chain: &str, key: &str| from_pem(chain, key).unwrap_err().message;
        let ((chain, key), (_, other)) = (pair("a.test"), pair("b.test"));
        assert_eq!(message("", &key), "there is no certificate in the file");
        assert_eq!(
            message(&chain, ""),
            "there is no private key in the key file"
        );
        assert_eq!(
            message(&chain, &other),
            "the key does not belong to the certificate"
        );
        assert_eq!(
            message("-----BEGIN CERTIFICATE-----\nMIIB", &key),
            "the certificate is not valid PEM: its end (`-----END ...-----`) is missing"
        );
        let missing = CertificateFile {
            certificate: "/nonexistent/a.pem".into(),
            ..CertificateFile::default()
        };
        let message = load(&missing).unwrap_err().message;
        assert!(message.starts_with("the certificate file `/nonexistent/a.pem` cannot be read: "));
    }
}
