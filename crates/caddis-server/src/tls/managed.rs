//! Certificates of our own authorities for the names of the config: taken from storage, made, and renewed in time.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use caddis_ir::{Config, InternalIssuer};
use time::{Duration, OffsetDateTime};
use tracing::{error, info};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::authority::{Authority, Leaf, Wanted};
use super::issue::{Fault, Validity};
use super::storage::safe;
use super::{Certificate, Certificates, Storage, files};

/// The lifetime of a certificate if the config gives none.
const LIFETIME: Duration = Duration::hours(12);
/// A certificate is renewed when this part of its lifetime is left.
const RENEW: f64 = 1.0 / 3.0;
/// The longest time between two looks at what has to be renewed.
const LOOK: std::time::Duration = std::time::Duration::from_mins(10);
/// The time to the next try after a renewal failed.
const RETRY: std::time::Duration = std::time::Duration::from_mins(1);

/// A name that gets a certificate from an authority of ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    /// A host name, a wildcard, or an address.
    pub(crate) name: String,
    /// Who signs.
    pub(crate) issuer: InternalIssuer,
    /// The type of its key.
    pub(crate) key_type: String,
}

/// All names that get certificates from authorities of ours.
pub(crate) struct Managed {
    storage: Storage,
    authorities: BTreeMap<String, Authority>,
    subjects: Vec<(Subject, Validity)>,
    certificates: Arc<ArcSwap<Certificates>>,
}

impl Managed {
    /// Gets a certificate for every name: the kept one if it is still good, else a new one.
    pub(crate) fn obtain(
        config: &Config,
        storage: Storage,
        subjects: Vec<Subject>,
        certificates: Arc<ArcSwap<Certificates>>,
    ) -> Result<Self, Fault> {
        let pki = config.apps.pki.clone().unwrap_or_default();
        let mut authorities = BTreeMap::new();
        for subject in &subjects {
            let id = authority_id(subject);
            if !authorities.contains_key(id) {
                let config = pki.certificate_authorities.get(id).cloned();
                let authority = Authority::open(&storage, id, &config.unwrap_or_default())?;
                let root = authority.root_path();
                info!(
                    target: "pki.ca.local",
                    root = %root.display(),
                    "clients have to trust the root certificate; it is not put into the system's trust store: \
                     `caddis trust` does that here (for one request: `curl --cacert {}`)", root.display()
                );
                authorities.insert(id.to_owned(), authority);
            }
        }
        let mut managed = Self {
            storage,
            authorities,
            subjects: Vec::with_capacity(subjects.len()),
            certificates,
        };
        let mut set = Certificates::clone(&managed.certificates.load());
        for subject in subjects {
            let certificate = match managed.kept(&subject) {
                Some(certificate) => certificate,
                None => managed.make(&subject)?,
            };
            managed.subjects.push((subject, validity(&certificate)));
            set = set.with(certificate);
        }
        managed.certificates.store(Arc::new(set));
        Ok(managed)
    }

    /// Renews what goes to its end. What fails is tried again, and the old certificate serves until then.
    pub(crate) fn renew(&mut self, now: OffsetDateTime) -> std::time::Duration {
        let mut failed = false;
        for authority in self.authorities.values_mut() {
            if let Err(fault) = authority.renew(now) {
                error!(target: "pki.ca.local", error = fault, "renewing the intermediate certificate");
                failed = true;
            }
        }
        for at in 0..self.subjects.len() {
            let Some((subject, old)) = self.subjects.get(at).cloned() else {
                break;
            };
            if old.left(now) > RENEW {
                continue;
            }
            match self.make(&subject) {
                Ok(certificate) => {
                    if let Some((_, kept)) = self.subjects.get_mut(at) {
                        *kept = validity(&certificate);
                    }
                    let set = Certificates::clone(&self.certificates.load());
                    self.certificates
                        .store(Arc::new(set.with_renewed(certificate)));
                }
                Err(fault) => {
                    error!(target: "tls.renew", identifier = subject.name, error = fault, "could not renew certificate");
                    failed = true;
                }
            }
        }
        if failed { RETRY } else { self.until_next(now) }
    }

    /// The time until something has to be renewed, or looked at.
    fn until_next(&self, now: OffsetDateTime) -> std::time::Duration {
        let leaves = self.subjects.iter().map(|(_, validity)| {
            validity.not_after - (validity.not_after - validity.not_before) * RENEW
        });
        let authorities = self.authorities.values().map(Authority::renew_at);
        let until = leaves.chain(authorities).min().map_or(LOOK, |next| {
            // A time that has passed already is now.
            std::time::Duration::try_from(next - now).unwrap_or_default()
        });
        until.clamp(std::time::Duration::from_secs(1), LOOK)
    }

    /// The certificate that is kept for a name, if it has time left and our root vouches for it.
    fn kept(&self, subject: &Subject) -> Option<Certificate> {
        let text = |ending| self.storage.read(&place(subject, ending)).ok().flatten();
        let certificate = files::from_pem(&text("crt")?, &text("key")?).ok()?;
        let authority = self.authorities.get(authority_id(subject))?;
        let (_, last) = X509Certificate::from_der(certificate.key.cert.last()?).ok()?;
        let fresh = validity(&certificate).left(OffsetDateTime::now_utc()) > RENEW;
        let usable = fresh
            && authority.vouches_for(&last)
            && certificate.names == [subject.name.to_lowercase()];
        usable.then_some(certificate)
    }

    /// Makes a certificate and keeps it.
    fn make(&self, subject: &Subject) -> Result<Certificate, Fault> {
        let authority =
            (self.authorities.get(authority_id(subject))).ok_or("the authority was not opened")?;
        let leaf = authority.issue(&subject.name, &wanted(subject))?;
        self.keep(subject, &leaf)?;
        info!(target: "tls.obtain", identifier = subject.name, issuer = authority_id(subject), "certificate obtained successfully");
        files::from_pem(&leaf.chain, &leaf.key).map_err(|error| error.message)
    }

    fn keep(&self, subject: &Subject, leaf: &Leaf) -> Result<(), Fault> {
        let about = serde_json::json!({ "sans": [subject.name], "issuer_data": null });
        let mut json = Vec::new();
        let formatter = serde_json::ser::PrettyFormatter::with_indent(b"\t");
        let mut serializer = serde_json::Serializer::with_formatter(&mut json, formatter);
        serde::Serialize::serialize(&about, &mut serializer).map_err(|error| error.to_string())?;
        let json = String::from_utf8_lossy(&json).into_owned();
        for (ending, text) in [("key", &leaf.key), ("crt", &leaf.chain), ("json", &json)] {
            (self.storage.write(&place(subject, ending), text))
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    }
}

fn authority_id(subject: &Subject) -> &str {
    match subject.issuer.ca.as_str() {
        "" => "local",
        id => id,
    }
}

fn wanted(subject: &Subject) -> Wanted {
    Wanted {
        lifetime: subject
            .issuer
            .lifetime
            .map_or(LIFETIME, |lifetime| Duration::nanoseconds(lifetime.0)),
        key_type: subject.key_type.clone(),
        sign_with_root: subject.issuer.sign_with_root,
    }
}

fn place(subject: &Subject, ending: &str) -> String {
    let name = safe(&subject.name);
    format!(
        "certificates/{}/{name}/{name}.{ending}",
        authority_id(subject)
    )
}

fn validity(certificate: &Certificate) -> Validity {
    Validity {
        not_before: certificate.not_before,
        not_after: certificate.not_after,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;
    use std::sync::Arc;

    use caddis_ir::Config;
    use rustls::SignatureScheme::ECDSA_NISTP256_SHA256;
    use time::{Duration, OffsetDateTime};

    use super::{Managed, Subject};
    use crate::tls::Storage;

    fn obtain(folder: &Path, names: &[&str]) -> Managed {
        let config = Config::default();
        let subject = |name: &&str| Subject {
            name: (*name).to_owned(),
            issuer: caddis_ir::InternalIssuer::default(),
            key_type: String::new(),
        };
        let subjects = names.iter().map(subject).collect();
        let storage = Storage::of(&config, folder);
        Managed::obtain(&config, storage, subjects, Arc::default()).unwrap()
    }

    /// The certificate that is served for a name, and the one above it.
    fn served(managed: &Managed, name: &str) -> (Vec<u8>, Vec<u8>) {
        let certificates = managed.certificates.load();
        let chosen = certificates
            .choose(name, &[], &[ECDSA_NISTP256_SHA256])
            .unwrap();
        let [leaf, intermediate] = chosen.key.cert.as_slice() else {
            panic!("{} certificates", chosen.key.cert.len());
        };
        (leaf.to_vec(), intermediate.to_vec())
    }

    #[test]
    fn files_have_the_names_that_caddy_gives_them() {
        let folder = tempfile::tempdir().unwrap();
        obtain(folder.path(), &["*.a.internal", "::1"]);
        let files: BTreeSet<_> = [
            "pki/authorities/local",
            "certificates/local/wildcard_.a.internal",
            "certificates/local/--1",
        ]
        .iter()
        .flat_map(|part| std::fs::read_dir(folder.path().join(part)).unwrap())
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
        let expected = "--1.crt --1.json --1.key intermediate.crt intermediate.key root.crt root.key \
            wildcard_.a.internal.crt wildcard_.a.internal.json wildcard_.a.internal.key";
        assert_eq!(
            files,
            expected.split_whitespace().map(str::to_owned).collect()
        );
        let about = folder.path().join("certificates/local/--1/--1.json");
        let about = std::fs::read_to_string(about).unwrap();
        assert_eq!(
            about,
            "{\n\t\"sans\": [\n\t\t\"::1\"\n\t],\n\t\"issuer_data\": null\n}"
        );
    }

    #[test]
    fn a_second_start_goes_on_with_what_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let first = served(&obtain(folder.path(), &["a.test"]), "a.test");
        assert_eq!(served(&obtain(folder.path(), &["a.test"]), "a.test"), first);
    }

    #[test]
    fn a_certificate_of_another_root_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let first = served(&obtain(folder.path(), &["a.test"]), "a.test");
        std::fs::remove_dir_all(folder.path().join("pki")).unwrap();
        assert_ne!(served(&obtain(folder.path(), &["a.test"]), "a.test"), first);
    }

    #[test]
    fn certificates_are_renewed_before_they_end() {
        let folder = tempfile::tempdir().unwrap();
        let mut managed = obtain(folder.path(), &["a.test"]);
        let first = served(&managed, "a.test");
        let now = OffsetDateTime::now_utc();
        // Nothing is due after seven of twelve hours.
        managed.renew(now + Duration::hours(7));
        assert_eq!(served(&managed, "a.test"), first);
        // The leaf is due with a third left.
        managed.renew(now + Duration::hours(9));
        let second = served(&managed, "a.test");
        assert_ne!(second.0, first.0);
        assert_eq!(second.1, first.1);
        // The intermediate is due with a fifth left.
        managed.renew(now + Duration::days(6));
        let third = served(&managed, "a.test");
        assert_ne!(third.1, first.1);
        assert_eq!(served(&obtain(folder.path(), &["a.test"]), "a.test"), third);
    }

    #[test]
    fn a_key_of_the_authority_that_does_not_fit_is_an_error_with_its_place() {
        let folder = tempfile::tempdir().unwrap();
        obtain(folder.path(), &["a.test"]);
        let authority = folder.path().join("pki/authorities/local");
        std::fs::copy(
            authority.join("intermediate.key"),
            authority.join("root.key"),
        )
        .unwrap();
        let config = Config::default();
        let subject = Subject {
            name: "a.test".into(),
            issuer: caddis_ir::InternalIssuer::default(),
            key_type: String::new(),
        };
        let storage = Storage::of(&config, folder.path());
        let Err(fault) = Managed::obtain(&config, storage, vec![subject], Arc::default()) else {
            panic!("a wrong key was taken");
        };
        let place = authority.join("root");
        let expected = format!(
            "{}.crt and .key cannot be used: the key does not belong to the certificate; ",
            place.display()
        );
        assert!(fault.starts_with(&expected), "{fault}");
    }
}
