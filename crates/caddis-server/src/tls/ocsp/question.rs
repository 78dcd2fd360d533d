//! The question to an OCSP responder: which certificate of which authority.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use rustls::pki_types::CertificateDer;
use x509_cert::der::asn1::{Null, OctetString};
use x509_cert::der::{Decode, Encode};
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{AlgorithmIdentifierOwned, ObjectIdentifier};
use x509_ocsp::{CertId, OcspRequest, Request, TbsRequest, Version};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::answer::is_signed_by;
use crate::tls::issue::Fault;

/// The hash that every responder knows (RFC 5019, 2.1.1); nothing hangs on its strength.
const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const OCSP: &str = "1.3.6.1.5.5.7.48.1";
const ISSUERS: &str = "1.3.6.1.5.5.7.48.2";

/// Where a certificate says that one can ask about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Places {
    /// Who tells whether it is good.
    pub(super) responder: Option<String>,
    /// Where the certificate of its authority is.
    pub(super) issuer: Option<String>,
}

impl Places {
    /// The first of each kind.
    pub(super) fn of(leaf: &CertificateDer<'_>) -> Self {
        let mut places = Self::default();
        let Ok((_, leaf)) = X509Certificate::from_der(leaf) else {
            return places;
        };
        for extension in leaf.extensions() {
            let x509_parser::extensions::ParsedExtension::AuthorityInfoAccess(about) =
                extension.parsed_extension()
            else {
                continue;
            };
            for one in &about.accessdescs {
                let GeneralName::URI(url) = &one.access_location else {
                    continue;
                };
                let place = match one.access_method.to_id_string().as_str() {
                    OCSP => &mut places.responder,
                    ISSUERS => &mut places.issuer,
                    _ => continue,
                };
                place.get_or_insert_with(|| (*url).to_owned());
            }
        }
        places
    }
}

/// Which certificate is asked about.
pub(super) struct Question {
    pub(super) about: CertId,
    /// The authority, whose word counts.
    pub(super) issuer: CertificateDer<'static>,
}

impl Question {
    /// About a certificate that this authority has signed.
    pub(super) fn new(
        leaf: &CertificateDer<'_>,
        issuer: &CertificateDer<'_>,
    ) -> Result<Self, Fault> {
        let (_, read) = X509Certificate::from_der(leaf).map_err(fault)?;
        let (_, by) = X509Certificate::from_der(issuer).map_err(fault)?;
        if by.subject().as_raw() != read.issuer().as_raw() || !is_signed_by(leaf, &by) {
            return Err("the next certificate of the chain has not signed it".into());
        }
        let hash = |bytes: &[u8]| {
            let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes);
            OctetString::new(hash.as_ref()).map_err(fault)
        };
        let about = CertId {
            hash_algorithm: AlgorithmIdentifierOwned {
                oid: SHA1,
                parameters: Some(Null.into()),
            },
            issuer_name_hash: hash(by.subject().as_raw())?,
            issuer_key_hash: hash(&by.public_key().subject_public_key.data)?,
            serial_number: SerialNumber::new(read.tbs_certificate.raw_serial()).map_err(fault)?,
        };
        Ok(Self {
            about,
            issuer: issuer.clone().into_owned(),
        })
    }

    /// As it is sent.
    pub(super) fn der(&self) -> Result<Vec<u8>, Fault> {
        let request = Request {
            req_cert: self.about.clone(),
            single_request_extensions: None,
        };
        let asked = OcspRequest {
            tbs_request: TbsRequest {
                version: Version::V1,
                requestor_name: None,
                request_list: vec![request],
                request_extensions: None,
            },
            optional_signature: None,
        };
        asked.to_der().map_err(fault)
    }

    /// True if an answer is about this certificate.
    pub(super) fn is_of(&self, about: &CertId) -> bool {
        let (ours, theirs) = (&self.about, about);
        ours.hash_algorithm.oid == theirs.hash_algorithm.oid
            && ours.issuer_name_hash == theirs.issuer_name_hash
            && ours.issuer_key_hash == theirs.issuer_key_hash
            && ours.serial_number == theirs.serial_number
    }
}

/// A certificate that was fetched, in DER or in PEM.
pub(super) fn fetched(body: &[u8]) -> Result<CertificateDer<'static>, Fault> {
    use rustls::pki_types::pem::PemObject;
    if let Ok(read) = CertificateDer::from_pem_slice(body) {
        return Ok(read);
    }
    // One that cannot be read is not kept.
    x509_cert::der::AnyRef::from_der(body).map_err(fault)?;
    Ok(CertificateDer::from(body.to_vec()))
}

pub(super) fn fault(error: impl std::fmt::Display) -> Fault {
    error.to_string()
}
