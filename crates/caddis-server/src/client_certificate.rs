//! What stands in the certificate that a client showed, as placeholders and logs have it.

use std::borrow::Cow;
use std::io::Write as _;
use std::net::IpAddr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};
use x509_parser::extensions::GeneralName;
use x509_parser::oid_registry::{OID_KEY_TYPE_EC_PUBLIC_KEY, OID_SIG_ED25519};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::distinguished_name;

/// Something that stands in a client's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    Fingerprint,
    PublicKey,
    PublicKeySha256,
    Pem,
    DerBase64,
    Issuer,
    Serial,
    Subject,
    /// All names of a kind, or one of them.
    Names(Names, Option<usize>),
}

/// A kind of alternative names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    Dns,
    Emails,
    Ips,
    Uris,
}

/// The characters of a line in PEM.
const PEM_LINE: usize = 64;

impl Fact {
    /// The fact that is called so after `http.request.tls.client.`.
    pub(crate) fn read(name: &str) -> Option<Self> {
        Some(match name {
            "fingerprint" => Self::Fingerprint,
            "public_key" => Self::PublicKey,
            "public_key_sha256" => Self::PublicKeySha256,
            "certificate_pem" => Self::Pem,
            "certificate_der_base64" => Self::DerBase64,
            "issuer" => Self::Issuer,
            "serial" => Self::Serial,
            "subject" => Self::Subject,
            name => {
                let (kind, index) = match name.strip_prefix("san.")?.split_once('.') {
                    Some((kind, index)) => (kind, Some(index.parse().ok()?)),
                    None => (name.strip_prefix("san.")?, None),
                };
                Self::Names(Names::read(kind)?, index)
            }
        })
    }

    /// Writes it. Without a certificate Caddy writes what an empty one has, and so do we.
    pub(crate) fn write(self, certificate: Option<&[u8]>, out: &mut Vec<u8>) {
        let der = certificate.unwrap_or_default();
        match self {
            Self::Fingerprint => return hex(&Sha256::digest(der), out),
            Self::Pem => return pem(der, out),
            Self::DerBase64 => return out.extend(BASE64_STANDARD.encode(der).into_bytes()),
            Self::PublicKey
            | Self::PublicKeySha256
            | Self::Issuer
            | Self::Serial
            | Self::Subject
            | Self::Names(..) => {}
        }
        let read = X509Certificate::from_der(der).ok();
        let read = read.as_ref().map(|(_, read)| read);
        match (self, read) {
            (Self::Names(names, index), read) => names.write(read, index, out),
            (Self::Serial, None) => out.extend_from_slice(b"<nil>"),
            (Self::Serial, Some(read)) => void(write!(out, "{}", read.serial)),
            (Self::PublicKey, Some(read)) => hex(public_key(read), out),
            (Self::PublicKeySha256, Some(read)) => match public_key(read) {
                [] => {}
                key => hex(&Sha256::digest(key), out),
            },
            (Self::Issuer, Some(read)) => distinguished_name::write(read.issuer(), out),
            (Self::Subject, Some(read)) => distinguished_name::write(read.subject(), out),
            (_, _) => {}
        }
    }
}

impl Names {
    fn read(kind: &str) -> Option<Self> {
        Some(match kind {
            "dns_names" => Self::Dns,
            "emails" => Self::Emails,
            "ips" => Self::Ips,
            "uris" => Self::Uris,
            _ => return None,
        })
    }

    fn write(
        self,
        certificate: Option<&X509Certificate<'_>>,
        index: Option<usize>,
        out: &mut Vec<u8>,
    ) {
        let names = certificate.and_then(|read| read.subject_alternative_name().ok()?);
        let mut names = (names.iter())
            .flat_map(|names| &names.value.general_names)
            .filter_map(|name| self.of(name));
        if let Some(index) = index {
            out.extend(names.nth(index).unwrap_or_default().as_bytes());
            return;
        }
        out.push(b'[');
        for (at, name) in names.enumerate() {
            if at > 0 {
                out.push(b' ');
            }
            out.extend_from_slice(name.as_bytes());
        }
        out.push(b']');
    }

    /// A name, if it is of this kind.
    fn of<'a>(self, name: &GeneralName<'a>) -> Option<Cow<'a, str>> {
        match (self, name) {
            (Self::Dns, GeneralName::DNSName(name))
            | (Self::Emails, GeneralName::RFC822Name(name))
            | (Self::Uris, GeneralName::URI(name)) => Some(Cow::Borrowed(name)),
            (Self::Ips, GeneralName::IPAddress(bytes)) => {
                let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
                let sixteen = <[u8; 16]>::try_from(*bytes).map(IpAddr::from);
                let address = four.or(sixteen).ok()?;
                Some(Cow::Owned(address.to_canonical().to_string()))
            }
            (_, _) => None,
        }
    }
}

/// The name and the number that the access log has of a client's certificate.
pub(crate) fn name_and_serial(der: &[u8]) -> Option<(String, String)> {
    let (_, read) = X509Certificate::from_der(der).ok()?;
    let name = read.subject().iter_common_name().last();
    let name = name.and_then(|name| name.as_str().ok()).unwrap_or_default();
    Some((name.to_owned(), read.serial.to_string()))
}

/// The key as Caddy has it, which has nothing for RSA.
fn public_key<'a>(certificate: &'a X509Certificate<'_>) -> &'a [u8] {
    let key = certificate.public_key();
    let known = [OID_KEY_TYPE_EC_PUBLIC_KEY, OID_SIG_ED25519];
    if known.contains(&key.algorithm.algorithm) {
        &key.subject_public_key.data
    } else {
        &[]
    }
}

fn pem(der: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"-----BEGIN CERTIFICATE-----\n");
    for line in BASE64_STANDARD.encode(der).as_bytes().chunks(PEM_LINE) {
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.extend_from_slice(b"-----END CERTIFICATE-----\n");
}

fn hex(bytes: &[u8], out: &mut Vec<u8>) {
    for byte in bytes {
        void(write!(out, "{byte:02x}"));
    }
}

/// Writing to memory does not fail.
fn void(_: std::io::Result<()>) {}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, SanType, SerialNumber};

    use super::Fact;

    fn filled(name: &str, certificate: Option<&[u8]>) -> String {
        let mut out = Vec::new();
        Fact::read(name).unwrap().write(certificate, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_stands_in_a_certificate_is_written_as_caddy_writes_it() {
        let mut params = CertificateParams::new(vec!["a.test".into(), "b.test".into()]).unwrap();
        params
            .distinguished_name
            .push(DnType::CommonName, "me, too");
        params.distinguished_name.push(DnType::CountryName, "DE");
        params.serial_number = Some(SerialNumber::from(258));
        let mail = SanType::Rfc822Name("m@a.test".try_into().unwrap());
        params.subject_alt_names.push(mail);
        let address = SanType::IpAddress("::1".parse().unwrap());
        params.subject_alt_names.push(address);
        let key = KeyPair::generate().unwrap();
        let certificate = params.self_signed(&key).unwrap();
        let der = Some(certificate.der().as_ref());
        let cases = [
            ("serial", "258"),
            ("subject", "CN=me\\, too,C=DE"),
            ("san.dns_names", "[a.test b.test]"),
            ("san.dns_names.1", "b.test"),
            ("san.dns_names.2", ""),
            ("san.emails.0", "m@a.test"),
            ("san.ips.0", "::1"),
            ("san.uris", "[]"),
            ("certificate_pem", &certificate.pem().replace('\r', "")),
        ];
        for (name, expected) in cases {
            assert_eq!(filled(name, der), expected, "{name}");
        }
        assert_eq!(filled("public_key", der).len(), 130);
        assert_eq!(filled("public_key_sha256", der).len(), 64);
    }

    #[test]
    fn without_a_certificate_there_is_what_an_empty_one_has() {
        assert_eq!(filled("serial", None), "<nil>");
        assert_eq!(filled("subject", None), "");
        assert_eq!(filled("san.dns_names", None), "[]");
        assert_eq!(filled("san.dns_names.0", None), "");
        assert!(filled("fingerprint", None).starts_with("e3b0c44298fc1c14"));
    }

    #[test]
    fn other_names_are_nobodys() {
        for name in ["", "san", "san.dns_names.x", "san.foo.0", "subject.x"] {
            assert_eq!(Fact::read(name), None, "{name}");
        }
    }
}
