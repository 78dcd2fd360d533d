//! The answer of an OCSP responder: read, and believed only if the certificate's authority stands behind it.

use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::SignatureVerificationAlgorithm;
use time::{Duration, OffsetDateTime};
use x509_cert::der::asn1::{BitStringRef, ContextSpecific, ObjectIdentifier};
use x509_cert::der::{AnyRef, Decode, Header, Reader, SliceReader, TagNumber};
use x509_ocsp::{CertStatus, OcspGeneralizedTime, OcspResponse, OcspResponseStatus, ResponseData};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::question::{Question, fault};
use crate::tls::issue::Fault;

const BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
/// How far ahead of ours the clock of a responder may be.
const AHEAD: Duration = Duration::minutes(5);
/// The most certificates in an answer that are looked at.
const CERTIFICATES: usize = 8;

/// What an authority says of a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: Status,
    pub(super) this_update: OffsetDateTime,
    /// Until when it holds; a newer one can always be had if `None`.
    pub(super) next_update: Option<OffsetDateTime>,
}

/// How a certificate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    Good,
    /// It was revoked; true if somebody else has its key.
    Revoked {
        compromised: bool,
    },
    Unknown,
}

/// The parts of an answer that a signature holds together.
struct Signed<'a> {
    data: &'a [u8],
    algorithm: &'a [u8],
    signature: BitStringRef<'a>,
    certificates: Vec<&'a [u8]>,
}

impl Answer {
    /// Reads and checks an answer; it has to hold now.
    pub(super) fn read(
        der: &[u8],
        question: &Question,
        now: OffsetDateTime,
    ) -> Result<Self, Fault> {
        let response = OcspResponse::from_der(der).map_err(fault)?;
        if response.response_status != OcspResponseStatus::Successful {
            return Err(format!(
                "the responder says `{:?}`",
                response.response_status
            ));
        }
        let bytes = response.response_bytes.ok_or("there is nothing in it")?;
        if bytes.response_type != BASIC {
            return Err(format!("`{}` is not a kind of answer", bytes.response_type));
        }
        let signed = Signed::read(bytes.response.as_bytes()).map_err(fault)?;
        signed.check(question, now)?;
        let data = ResponseData::from_der(signed.data).map_err(fault)?;
        let mut of_ours = data.responses.iter();
        let ours = of_ours.find(|one| question.is_of(&one.cert_id));
        let ours = ours.ok_or("it is about another certificate")?;
        let answer = Self {
            status: status(&ours.cert_status),
            this_update: time(ours.this_update)?,
            next_update: ours.next_update.map(time).transpose()?,
        };
        if answer.this_update > now + AHEAD {
            return Err(format!("it holds from {} on", answer.this_update));
        }
        if answer.next_update.is_some_and(|end| end <= now) {
            return Err("it has expired".into());
        }
        Ok(answer)
    }

    /// When it is to be replaced: in the middle of its time.
    pub(super) fn due(&self) -> Option<OffsetDateTime> {
        let end = self.next_update?;
        Some(self.this_update + (end - self.this_update) / 2)
    }
}

impl<'a> Signed<'a> {
    fn read(der: &'a [u8]) -> x509_cert::der::Result<Self> {
        let mut reader = SliceReader::new(der)?;
        reader.sequence(|reader| {
            let data = reader.tlv_bytes()?;
            let algorithm = reader.tlv_bytes()?;
            let signature = BitStringRef::decode(reader)?;
            let certificates =
                ContextSpecific::<AnyRef<'a>>::decode_explicit(reader, TagNumber::N0)?;
            Ok(Self {
                data,
                algorithm,
                signature,
                certificates: certificates
                    .map_or(Ok(Vec::new()), |list| each(list.value.value()))?,
            })
        })
    }

    /// The authority has signed it, or somebody whom it has named for this.
    fn check(&self, question: &Question, now: OffsetDateTime) -> Result<(), Fault> {
        let (_, issuer) = X509Certificate::from_der(&question.issuer).map_err(fault)?;
        if self.is_signed_by(&issuer) {
            return Ok(());
        }
        let mut others = self.certificates.iter().take(CERTIFICATES);
        let is_signed = others.any(|der| {
            X509Certificate::from_der(der).is_ok_and(|(_, delegate)| {
                is_delegate(der, &delegate, &issuer, now) && self.is_signed_by(&delegate)
            })
        });
        if is_signed {
            return Ok(());
        }
        Err("neither the authority nor somebody whom it has named has signed it".into())
    }

    fn is_signed_by(&self, signer: &X509Certificate<'_>) -> bool {
        let Some(signature) = self.signature.as_bytes() else {
            return false;
        };
        verify(signer, contents(self.algorithm), self.data, signature)
    }
}

/// The elements of a sequence, as they are.
fn each(sequence: &[u8]) -> x509_cert::der::Result<Vec<&[u8]>> {
    let mut reader = SliceReader::new(sequence)?;
    let mut elements = Vec::new();
    while !reader.is_finished() && elements.len() < CERTIFICATES {
        elements.push(reader.tlv_bytes()?);
    }
    Ok(elements)
}

/// True if an authority has named somebody for this, and that holds now.
fn is_delegate(
    der: &[u8],
    delegate: &X509Certificate<'_>,
    issuer: &X509Certificate<'_>,
    now: OffsetDateTime,
) -> bool {
    let usage = delegate.extended_key_usage().ok().flatten();
    let validity = delegate.validity();
    delegate.issuer().as_raw() == issuer.subject().as_raw()
        && usage.is_some_and(|usage| usage.value.ocsp_signing)
        && validity.not_before.to_datetime() <= now
        && now < validity.not_after.to_datetime()
        && is_signed_by(der, issuer)
}

/// True if an authority has signed a certificate.
pub(super) fn is_signed_by(der: &[u8], issuer: &X509Certificate<'_>) -> bool {
    let read = || -> x509_cert::der::Result<Option<bool>> {
        let mut reader = SliceReader::new(der)?;
        reader.sequence(|reader| {
            let data = reader.tlv_bytes()?;
            let algorithm = reader.tlv_bytes()?;
            let signature = BitStringRef::decode(reader)?;
            let signature = signature.as_bytes();
            Ok(signature.map(|signature| verify(issuer, contents(algorithm), data, signature)))
        })
    };
    matches!(read(), Ok(Some(true)))
}

/// Whether a signature is of the one with this certificate.
fn verify(signer: &X509Certificate<'_>, algorithm: &[u8], data: &[u8], signature: &[u8]) -> bool {
    let key = signer.public_key();
    let (kind, key) = (contents(key.raw), &*key.subject_public_key.data);
    // What is before the key itself is its kind.
    let kind = SliceReader::new(kind).and_then(|mut reader| reader.tlv_bytes());
    let Ok(kind) = kind else {
        return false;
    };
    let kind = contents(kind);
    let algorithms = default_provider().signature_verification_algorithms.all;
    let mut fitting = (algorithms.iter()).filter(|one: &&&dyn SignatureVerificationAlgorithm| {
        one.signature_alg_id().as_ref() == algorithm && one.public_key_alg_id().as_ref() == kind
    });
    fitting.any(|one| one.verify_signature(key, data, signature).is_ok())
}

/// What is in an element, without what says how long it is.
fn contents(element: &[u8]) -> &[u8] {
    let Ok(mut reader) = SliceReader::new(element) else {
        return &[];
    };
    match Header::decode(&mut reader) {
        Ok(header) => reader.read_slice(header.length).unwrap_or_default(),
        Err(_) => &[],
    }
}

fn status(status: &CertStatus) -> Status {
    match status {
        CertStatus::Good(_) => Status::Good,
        CertStatus::Revoked(info) => Status::Revoked {
            compromised: matches!(
                info.revocation_reason,
                Some(x509_cert::ext::pkix::CrlReason::KeyCompromise)
            ),
        },
        CertStatus::Unknown(_) => Status::Unknown,
    }
}

fn time(at: OcspGeneralizedTime) -> Result<OffsetDateTime, Fault> {
    let since = Duration::try_from(at.0.to_unix_duration()).map_err(fault)?;
    Ok(OffsetDateTime::UNIX_EPOCH + since)
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    use time::OffsetDateTime;
    use time::macros::datetime;

    use super::{Answer, Status};
    use crate::tls::ocsp::question::{Places, Question};

    /// When the answers were recorded, or a little later.
    const NOW: OffsetDateTime = datetime!(2026-11-26 18:00 UTC);

    fn bytes(name: &str) -> Vec<u8> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/ocsp");
        std::fs::read(format!("{folder}/{name}")).unwrap()
    }

    fn certificate(name: &str) -> CertificateDer<'static> {
        CertificateDer::from_pem_slice(&bytes(name)).unwrap()
    }

    fn question(leaf: &str, issuer: &str) -> Question {
        Question::new(&certificate(leaf), &certificate(issuer)).unwrap()
    }

    fn read(name: &str) -> Result<Answer, String> {
        read_at(&bytes(name), NOW)
    }

    fn read_at(der: &[u8], now: OffsetDateTime) -> Result<Answer, String> {
        Answer::read(der, &question("leaf.pem", "authority.pem"), now)
    }

    #[test]
    fn the_question_is_that_of_openssl() {
        let question = question("leaf.pem", "authority.pem");
        assert_eq!(question.der().unwrap(), bytes("request.der"));
    }

    #[test]
    fn a_certificate_says_whom_to_ask() {
        let places = Places::of(&certificate("leaf.pem"));
        assert_eq!(places.responder.as_deref(), Some("http://127.0.0.1:1/ocsp"));
        assert_eq!(places.issuer.as_deref(), Some("http://127.0.0.1:1/ca"));
        assert_eq!(Places::of(&certificate("authority.pem")), Places::default());
    }

    #[test]
    fn what_the_authority_says_is_read() {
        let status = |name: &str| read(name).unwrap().status;
        assert_eq!(status("good.der"), Status::Good);
        assert_eq!(status("delegated.der"), Status::Good);
        let revoked = |compromised| Status::Revoked { compromised };
        assert_eq!(status("compromised.der"), revoked(true));
        assert_eq!(status("superseded.der"), revoked(false));
        assert_eq!(status("unknown.der"), Status::Unknown);
        let of_rsa = question("rsa-leaf.pem", "rsa-authority.pem");
        let rsa = Answer::read(&bytes("rsa.der"), &of_rsa, NOW).unwrap();
        assert_eq!(rsa.status, Status::Good);
    }

    #[test]
    fn an_answer_is_replaced_in_the_middle_of_its_time() {
        let good = read("good.der").unwrap();
        let end = good.next_update.unwrap();
        assert_eq!(end - good.this_update, time::Duration::days(4));
        assert_eq!(good.due(), Some(good.this_update + time::Duration::days(2)));
        assert_eq!(read("without-end.der").unwrap().due(), None);
    }

    #[test]
    fn nobody_else_is_believed() {
        let unsigned = "neither the authority nor somebody whom it has named has signed it";
        for name in ["by-impostor.der", "by-stranger.der", "rsa.der"] {
            assert_eq!(read(name).unwrap_err(), unsigned, "{name}");
        }
        let other = read("of-other.der").unwrap_err();
        assert_eq!(other, "it is about another certificate");
        let wrong = Question::new(&certificate("leaf.pem"), &certificate("rsa-authority.pem"));
        assert!(wrong.is_err());
    }

    #[test]
    fn an_answer_holds_for_its_time_alone() {
        let good = bytes("good.der");
        let late = read_at(&good, datetime!(2026-12-01 18:00 UTC));
        assert_eq!(late.unwrap_err(), "it has expired");
        assert!(read_at(&good, datetime!(2026-11-26 12:00 UTC)).is_err());
    }

    #[test]
    fn no_answer_that_was_changed_or_cut_is_believed() {
        let good = bytes("good.der");
        let whole = read_at(&good, NOW).unwrap();
        for at in 0..good.len() {
            assert!(read_at(&good[..at], NOW).is_err(), "cut at {at}");
            let mut changed = good.clone();
            changed[at] ^= 0x11;
            // Its own certificate may be changed as one likes: it is not what is believed.
            if let Ok(read) = read_at(&changed, NOW) {
                assert_eq!(read, whole, "changed at {at}");
            }
        }
    }
}
