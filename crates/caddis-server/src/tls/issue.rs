//! Makes certificates and keys in the forms that Caddy has for them.

use std::net::IpAddr;

use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    PKCS_ECDSA_P384_SHA384, PKCS_ED25519, PKCS_RSA_SHA256, RsaKeySize, SanType, SerialNumber,
    string::Ia5String,
};
use time::{Duration, OffsetDateTime};

/// What is wrong, as a sentence.
pub(super) type Fault = String;

/// A certificate and its key.
pub(super) struct Issued {
    /// The certificate alone, in PEM.
    pub(super) certificate: String,
    pub(super) key: KeyPair,
}

/// From when to when a certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Validity {
    pub(super) not_before: OffsetDateTime,
    pub(super) not_after: OffsetDateTime,
}

impl Validity {
    /// From a time on.
    pub(super) fn lasting(from: OffsetDateTime, lifetime: Duration) -> Self {
        Self {
            not_before: from,
            not_after: from + lifetime,
        }
    }

    /// At most as long as another one.
    pub(super) fn within(self, other: Self) -> Self {
        Self {
            not_before: self.not_before,
            not_after: self.not_after.min(other.not_after),
        }
    }

    /// The part of the lifetime that is left, from 1 down to 0.
    pub(super) fn left(self, now: OffsetDateTime) -> f64 {
        let whole = (self.not_after - self.not_before).as_seconds_f64();
        let left = (self.not_after - now).as_seconds_f64();
        if whole > 0.0 { left / whole } else { 0.0 }
    }
}

/// A self-signed authority, which may have one more below it.
pub(super) fn root(name: &str, validity: Validity) -> Result<Issued, Fault> {
    let key = key("p256")?;
    let certificate = authority(name, validity, 1).self_signed(&key);
    Ok(Issued {
        certificate: certificate.map_err(fault)?.pem(),
        key,
    })
}

/// An authority that a root vouches for, with none below it.
pub(super) fn intermediate(
    name: &str,
    validity: Validity,
    by: &Issuer<'_, KeyPair>,
) -> Result<Issued, Fault> {
    let key = key("p256")?;
    let mut params = authority(name, validity, 0);
    params.use_authority_key_identifier_extension = true;
    let certificate = params.signed_by(&key, by).map_err(fault)?.pem();
    Ok(Issued { certificate, key })
}

/// A certificate for a name or an address.
pub(super) fn leaf(
    (name, must_staple): (&str, bool),
    key: KeyPair,
    validity: Validity,
    by: &Issuer<'_, KeyPair>,
) -> Result<Issued, Fault> {
    let mut params = params(validity);
    params.custom_extensions = must_staple.then(tls_feature).into_iter().collect();
    params.subject_alt_names = vec![alternative_name(name)?];
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    params.use_authority_key_identifier_extension = true;
    let certificate = params.signed_by(&key, by).map_err(fault)?.pem();
    Ok(Issued { certificate, key })
}

fn authority(name: &str, validity: Validity, below: u8) -> CertificateParams {
    let mut params = params(validity);
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(below));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn params(validity: Validity) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.not_before = validity.not_before;
    params.not_after = validity.not_after;
    // The first bit is cleared: a serial number must not be negative.
    let serial = rand::random::<u128>() >> 1;
    params.serial_number = Some(SerialNumber::from_slice(&serial.to_be_bytes()));
    params
}

/// A request for a certificate (PKCS #10, in DER), and the key that it is for, in PEM: the one that is given, or a
/// new one.
pub(super) fn request(
    (name, must_staple): (&str, bool),
    key_type: &str,
    kept: Option<String>,
) -> Result<(Vec<u8>, String), Fault> {
    let key = match &kept {
        Some(pem) => KeyPair::from_pem(pem).map_err(fault)?,
        None => key(key_type)?,
    };
    let pem = kept.unwrap_or_else(|| key_pem(&key));
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.subject_alt_names = vec![alternative_name(name)?];
    params.custom_extensions = must_staple.then(tls_feature).into_iter().collect();
    let request = params.serialize_request(&key).map_err(fault)?;
    Ok((request.der().to_vec(), pem))
}

/// What says that a certificate is worth nothing without an OCSP answer (RFC 7633).
fn tls_feature() -> CustomExtension {
    const TLS_FEATURE: [u64; 9] = [1, 3, 6, 1, 5, 5, 7, 1, 24];
    /// A sequence with the number of the extension of TLS that is wanted: `status_request`.
    const STATUS_REQUEST: [u8; 5] = [0x30, 3, 2, 1, 5];
    CustomExtension::from_oid_content(&TLS_FEATURE, STATUS_REQUEST.to_vec())
}

fn alternative_name(name: &str) -> Result<SanType, Fault> {
    match name.parse::<IpAddr>() {
        Ok(address) => Ok(SanType::IpAddress(address)),
        Err(_) => Ok(SanType::DnsName(Ia5String::try_from(name).map_err(fault)?)),
    }
}

/// A new key.
pub(super) fn key(key_type: &str) -> Result<KeyPair, Fault> {
    match key_type {
        "" | "p256" => KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256),
        "p384" => KeyPair::generate_for(&PKCS_ECDSA_P384_SHA384),
        "ed25519" => KeyPair::generate_for(&PKCS_ED25519),
        "rsa2048" => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048),
        "rsa4096" => KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_4096),
        _ => return Err(format!("`{key_type}` is not a type of keys")),
    }
    .map_err(fault)
}

/// The types of keys that a certificate can have.
pub(crate) const KEY_TYPES: &[&str] = &["p256", "p384", "ed25519", "rsa2048", "rsa4096"];

fn fault(error: impl std::fmt::Display) -> Fault {
    error.to_string()
}

/// The key in PEM: on the curve P-256 in the form that Caddy writes, else in PKCS #8.
pub(super) fn key_pem(key: &KeyPair) -> String {
    sec1(key).unwrap_or_else(|| key.serialize_pem())
}

/// The key in the form of SEC 1 (RFC 5915), which has a fixed length on the curve P-256.
fn sec1(key: &KeyPair) -> Option<String> {
    /// What stands before the secret number: version 1 and a string of 32 bytes.
    const BEFORE_SECRET: [u8; 5] = [2, 1, 1, 4, 32];
    /// The name of the curve, prime256v1.
    const CURVE: [u8; 12] = [
        0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07,
    ];
    /// What stands before the public point.
    const BEFORE_POINT: [u8; 5] = [0xa1, 0x44, 0x03, 0x42, 0x00];
    if key.algorithm() != &PKCS_ECDSA_P256_SHA256 {
        return None;
    }
    let pkcs8 = key.serialized_der();
    let begin = pkcs8
        .windows(BEFORE_SECRET.len())
        .position(|window| window == BEFORE_SECRET)?;
    let secret = pkcs8.get(begin..begin + BEFORE_SECRET.len() + 32)?;
    let content = [secret, &CURVE, &BEFORE_POINT, key.public_key_raw()].concat();
    let length = u8::try_from(content.len())
        .ok()
        .filter(|length| *length < 0x80)?;
    let der = [&[0x30, length], content.as_slice()].concat();
    Some(pem("EC PRIVATE KEY", &der))
}

fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine;
    /// The length of a line of PEM (RFC 7468).
    const LINE: usize = 64;
    let text = base64::engine::general_purpose::STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    for (at, c) in text.chars().enumerate() {
        if at > 0 && at % LINE == 0 {
            pem.push('\n');
        }
        pem.push(c);
    }
    pem.extend(["\n-----END ", label, "-----\n"]);
    pem
}

#[cfg(test)]
mod tests {
    use rcgen::KeyPair;
    use time::{Duration, OffsetDateTime};

    use rcgen::Issuer;
    use x509_parser::certification_request::X509CertificationRequest;
    use x509_parser::pem::parse_x509_pem;
    use x509_parser::prelude::FromDer;

    use super::{KEY_TYPES, Validity, authority, key, key_pem, leaf, request};

    /// `TLS Feature: status_request`, as it stands in a certificate.
    const MUST_STAPLE: [u8; 15] = [6, 8, 43, 6, 1, 5, 5, 7, 1, 24, 4, 5, 0x30, 3, 2];

    #[test]
    fn what_must_have_an_ocsp_answer_says_so_in_requests_and_certificates() {
        for must_staple in [true, false] {
            let says = |der: &[u8]| {
                der.windows(MUST_STAPLE.len())
                    .any(|part| part == MUST_STAPLE)
            };
            let (asked, _) = request(("a.test", must_staple), "", None).unwrap();
            assert!(X509CertificationRequest::from_der(&asked).is_ok());
            assert_eq!(says(&asked), must_staple);
            let validity = Validity::lasting(OffsetDateTime::now_utc(), Duration::HOUR);
            let by = Issuer::new(authority("x", validity, 0), key("").unwrap());
            let made = leaf(("a.test", must_staple), key("").unwrap(), validity, &by).unwrap();
            let (_, made) = parse_x509_pem(made.certificate.as_bytes()).unwrap();
            assert_eq!(says(&made.contents), must_staple);
        }
    }

    #[test]
    fn keys_are_written_so_that_they_can_be_read_again() {
        for key_type in KEY_TYPES {
            let key = key(key_type).unwrap();
            let pem = key_pem(&key);
            assert_eq!(
                pem.starts_with("-----BEGIN EC PRIVATE KEY-----\n"),
                *key_type == "p256"
            );
            let read = KeyPair::from_pem(&pem).unwrap();
            assert_eq!(read.public_key_raw(), key.public_key_raw());
        }
    }

    #[test]
    fn the_part_of_a_lifetime_that_is_left_goes_from_one_to_zero() {
        let now = OffsetDateTime::now_utc();
        let validity = Validity {
            not_before: now - Duration::hours(3),
            not_after: now + Duration::hours(1),
        };
        assert!((validity.left(now) - 0.25).abs() < 1e-9);
        assert!(validity.left(now + Duration::hours(2)) < 0.0);
    }
}
