//! Where the OCSP answer of a certificate is kept: at Caddy's place, so that either program finds the other's.

use std::fmt::Write as _;
use std::fs;
use std::io;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use rustls::pki_types::CertificateDer;
use time::OffsetDateTime;
use x509_cert::der::Decode;
use x509_ocsp::{BasicOcspResponse, OcspResponse};
use x509_parser::prelude::{FromDer, X509Certificate};

use crate::tls::Storage;
use crate::tls::storage::safe;

const FOLDER: &str = "ocsp";
/// How much of PEM stands in one line.
const LINE: usize = 64;
/// The most files that are looked at in one cleaning.
const MOST: usize = 1_000_000;
/// The most bytes of an answer.
const LONGEST: u64 = 256 * 1024;

/// The key of the answer in storage: a name, and a hash of the chain, as PEM has it if no text is given.
pub(in crate::tls) fn file_of(
    chain: &[CertificateDer<'_>],
    names: &[String],
    text: Option<&str>,
) -> String {
    let common = chain.first().and_then(|leaf| common_name(leaf));
    let name = common.or_else(|| names.first().cloned());
    let hash = match text {
        Some(text) => fnv1a(text.as_bytes()),
        None => fnv1a(pem(chain).as_bytes()),
    };
    format!("{FOLDER}/{}-{hash:x}", safe(&name.unwrap_or_default()))
}

/// Caddy begins with the name that others call the common one, if there is one.
fn common_name(leaf: &CertificateDer<'_>) -> Option<String> {
    let (_, leaf) = X509Certificate::from_der(leaf).ok()?;
    let name = leaf.subject().iter_common_name().next()?.as_str().ok()?;
    (!name.is_empty()).then(|| name.to_lowercase())
}

fn pem(chain: &[CertificateDer<'_>]) -> String {
    let mut pem = String::new();
    for certificate in chain {
        let text = BASE64_STANDARD.encode(certificate);
        pem.push_str("-----BEGIN CERTIFICATE-----\n");
        for line in text.as_bytes().chunks(LINE) {
            // Writing to a string cannot fail.
            let _ = writeln!(pem, "{}", String::from_utf8_lossy(line));
        }
        pem.push_str("-----END CERTIFICATE-----\n");
    }
    pem
}

fn fnv1a(bytes: &[u8]) -> u32 {
    const BASIS: u32 = 0x811c_9dc5;
    const PRIME: u32 = 0x0100_0193;
    (bytes.iter()).fold(BASIS, |hash, byte| {
        (hash ^ u32::from(*byte)).wrapping_mul(PRIME)
    })
}

/// What is kept, if there is something.
pub(super) fn read(storage: &Storage, file: &str) -> Option<Vec<u8>> {
    let path = storage.path(file);
    let about = fs::metadata(&path).ok()?;
    (about.len() <= LONGEST)
        .then(|| fs::read(path).ok())
        .flatten()
}

/// Takes out answers that have expired, and what is none, as Caddy does.
pub(in crate::tls) fn clean(storage: &Storage, now: OffsetDateTime) -> io::Result<()> {
    let entries = match fs::read_dir(storage.path(FOLDER)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries.flatten().take(MOST) {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        let name = entry.file_name();
        let Some(name) = name.to_str().filter(|_| is_file) else {
            continue;
        };
        let kept = read(storage, &format!("{FOLDER}/{name}"));
        if kept.is_some_and(|kept| has_expired(&kept, now)) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn has_expired(der: &[u8], now: OffsetDateTime) -> bool {
    let read = || {
        let response = OcspResponse::from_der(der).ok()?;
        let basic = response.response_bytes?;
        let basic = BasicOcspResponse::from_der(basic.response.as_bytes()).ok()?;
        basic.tbs_response_data.responses.first()?.next_update
    };
    read().is_none_or(|end| {
        let end = OffsetDateTime::UNIX_EPOCH + end.0.to_unix_duration();
        end <= now
    })
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::{clean, fnv1a, read};
    use crate::tls::Storage;

    #[test]
    fn answers_that_have_expired_are_taken_out_and_what_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let storage = Storage::of(&caddis_ir::Config::default(), folder.path());
        let good = include_bytes!("../../../../../testdata/ocsp/good.der");
        storage.write_bytes("ocsp/good-1", good).unwrap();
        storage.write_bytes("ocsp/odd-2", b"odd").unwrap();
        clean(&storage, datetime!(2026-11-27 00:00 UTC)).unwrap();
        assert_eq!(read(&storage, "ocsp/good-1").unwrap(), good);
        assert!(read(&storage, "ocsp/odd-2").is_none());
        clean(&storage, datetime!(2026-12-27 00:00 UTC)).unwrap();
        assert!(read(&storage, "ocsp/good-1").is_none());
    }

    #[test]
    fn the_hash_is_the_well_known_one() {
        assert_eq!(fnv1a(b""), 0x811c_9dc5);
        assert_eq!(fnv1a(b"a"), 0xe40c_292c);
        assert_eq!(fnv1a(b"foobar"), 0xbf9c_f968);
    }
}
