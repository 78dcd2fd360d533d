//! One certificate authority, and one certificate of it that all servers show.

use std::path::Path;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::RootCertStore;

use crate::Failure;

/// The file with the certificate, in the benchmark's folder.
pub(crate) const CERTIFICATE: &str = "server.pem";
/// The file with its key.
pub(crate) const KEY: &str = "server.key";
/// The file with both.
pub(crate) const BOTH: &str = "both.pem";

/// Writes certificate and key for `localhost`; returns what clients trust.
pub(crate) fn write(folder: &Path) -> Result<RootCertStore, Failure> {
    let root_key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut root = CertificateParams::new([])?;
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root_certificate = root.self_signed(&root_key)?;
    let issuer = Issuer::new(root, root_key);
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let certificate = CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &issuer)?;
    std::fs::write(folder.join(CERTIFICATE), certificate.pem())?;
    std::fs::write(folder.join(KEY), key.serialize_pem())?;
    let both = certificate.pem() + &key.serialize_pem();
    std::fs::write(folder.join(BOTH), both)?;
    let mut roots = RootCertStore::empty();
    roots.add(root_certificate.der().clone())?;
    Ok(roots)
}
