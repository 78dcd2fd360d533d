//! Certificates of our own authorities.

use std::sync::Arc;

use caddis_ir::InternalIssuer;
use parking_lot::Mutex;
use serde_json::Value;
use time::Duration;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::Certificate;
use super::authority::{Authority, Wanted};
use super::issuer::{Cause, Issue, Issued, Issuing, Refusal, Wish};

/// The lifetime of a certificate if the config gives none.
const LIFETIME: Duration = Duration::hours(12);

/// An authority of ours, as an issuer of the config wants it.
pub(super) struct Internal {
    authority: Arc<Mutex<Authority>>,
    id: String,
    lifetime: Duration,
    sign_with_root: bool,
}

impl Internal {
    pub(super) fn new(config: &InternalIssuer, authority: Arc<Mutex<Authority>>) -> Self {
        Self {
            authority,
            id: authority_id(config).to_owned(),
            lifetime: config
                .lifetime
                .map_or(LIFETIME, |lifetime| Duration::nanoseconds(lifetime.0)),
            sign_with_root: config.sign_with_root,
        }
    }

    fn sign(&self, wish: &Wish) -> Result<Issued, String> {
        let mut authority = self.authority.lock();
        authority.renew(wish.now)?;
        let leaf = authority.issue(
            &wish.name,
            &Wanted {
                from: wish.now,
                lifetime: self.lifetime,
                key_type: wish.key_type.clone(),
                key: wish.key.clone(),
                sign_with_root: self.sign_with_root,
                must_staple: wish.must_staple,
            },
        )?;
        Ok(Issued {
            chain: leaf.chain,
            key: leaf.key,
            about: Value::Null,
        })
    }
}

impl Issue for Internal {
    fn folder(&self) -> &str {
        &self.id
    }

    fn stands_by(&self, kept: &Certificate) -> bool {
        let last = (kept.chain().last()).and_then(|last| X509Certificate::from_der(last).ok());
        last.is_some_and(|(_, last)| self.authority.lock().vouches_for(&last))
    }

    fn issue_at_once(&self, wish: &Wish) -> Option<Result<Issued, Refusal>> {
        let signed = self.sign(wish);
        Some(signed.map_err(|fault| Refusal::new(Cause::Refused, fault)))
    }

    fn issue<'a>(&'a self, wish: &'a Wish) -> Issuing<'a> {
        let signed = self.sign(wish);
        Box::pin(async { signed.map_err(|fault| Refusal::new(Cause::Down, fault)) })
    }
}

/// The id of the authority that an issuer of the config means.
pub(super) fn authority_id(issuer: &InternalIssuer) -> &str {
    match issuer.ca.as_str() {
        "" => "local",
        id => id,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;
    use std::sync::Arc;

    use arc_swap::ArcSwap;
    use caddis_ir::{Config, InternalIssuer, Issuer};
    use rustls::SignatureScheme::ECDSA_NISTP256_SHA256;
    use time::OffsetDateTime;
    use tokio::time::{Duration, Instant};

    use crate::tls::keeper::{Clock, Keeper, Prepared};
    use crate::tls::{Certificates, Storage, Subject};

    const HOUR: Duration = Duration::from_hours(1);

    type Served = Arc<ArcSwap<Certificates>>;

    fn subject(name: &str) -> Subject {
        Subject {
            name: name.to_owned(),
            issuers: vec![Issuer::Internal(InternalIssuer::default())],
            ..Subject::default()
        }
    }

    fn prepare(
        keeper: &Keeper,
        folder: &Path,
        names: &[&str],
    ) -> Result<(Prepared, Served), String> {
        let config = Config::default();
        let subjects = names.iter().map(|name| subject(name)).collect();
        let (storage, served) = (Storage::of(&config, folder), Served::default());
        let prepared = keeper.prepare(&config, storage, (subjects, None), Arc::clone(&served))?;
        Ok((prepared, served))
    }

    fn obtain(folder: &Path, names: &[&str]) -> Served {
        prepare(&Keeper::new(), folder, names).unwrap().1
    }

    /// The certificate that is served for a name, and the one above it.
    fn served(served: &Served, name: &str) -> (Vec<u8>, Vec<u8>) {
        let certificates = served.load();
        let chosen = certificates
            .choose(
                name,
                &crate::tls::Selection::default(),
                &[ECDSA_NISTP256_SHA256],
            )
            .unwrap();
        let [leaf, intermediate] = chosen.chain() else {
            panic!("{} certificates", chosen.chain().len());
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

    #[tokio::test(start_paused = true)]
    async fn certificates_are_renewed_before_they_end_and_the_intermediate_too() {
        let folder = tempfile::tempdir().unwrap();
        let keeper = Keeper::with_clock(Clock::Virtual {
            begun: Instant::now(),
            at: OffsetDateTime::now_utc(),
        });
        let (prepared, certificates) = prepare(&keeper, folder.path(), &["a.test"]).unwrap();
        keeper.adopt(prepared);
        let first = served(&certificates, "a.test");
        // Nothing is due after seven of twelve hours.
        tokio::time::sleep(HOUR * 7).await;
        assert_eq!(served(&certificates, "a.test"), first);
        // The leaf is due with a third left.
        tokio::time::sleep(HOUR * 2).await;
        let second = served(&certificates, "a.test");
        assert_ne!(second.0, first.0);
        assert_eq!(second.1, first.1);
        // The intermediate is due with a fifth of its seven days left.
        tokio::time::sleep(HOUR * 24 * 6).await;
        let third = served(&certificates, "a.test");
        assert_ne!(third.1, first.1);
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
        let Err(fault) = prepare(&Keeper::new(), folder.path(), &["a.test"]) else {
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
