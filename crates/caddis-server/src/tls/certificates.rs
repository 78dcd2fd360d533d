//! The certificates that are at hand, by the names in them.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use caddis_ir::KeyAlgorithm;
use rustls::SignatureScheme;
use rustls::pki_types::CertificateDer;
use rustls::sign::CertifiedKey;
use time::OffsetDateTime;

use super::issue::Validity;
use super::ocsp::Revocation;
use super::selection::Selection;

/// A certificate with its key.
#[derive(Debug)]
pub(crate) struct Certificate {
    /// The chain and the key.
    pub(super) pair: Arc<CertifiedKey>,
    /// The same with the OCSP answer that is sent along at present.
    pub(super) shown: ArcSwap<CertifiedKey>,
    /// Whether it was revoked.
    pub(super) revocation: Revocation,
    /// Where its OCSP answer is kept.
    pub(super) ocsp_file: String,
    /// The names and addresses that it is for, in lower case.
    pub(crate) names: Vec<String>,
    /// By which connection policies choose it.
    pub(crate) tags: Vec<String>,
    /// From when on it is valid.
    pub(crate) not_before: OffsetDateTime,
    /// Until when it is valid.
    pub(crate) not_after: OffsetDateTime,
    /// What connection policies choose it by.
    pub(crate) about: About,
}

/// What stands in a certificate, for connection policies to choose by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct About {
    /// Its number, in decimal.
    pub(crate) serial: String,
    /// The organizations that it is for.
    pub(crate) organizations: Vec<String>,
    /// The kind of its key.
    pub(crate) key: Option<KeyAlgorithm>,
}

/// All certificates at hand. Never changed: a renewed certificate makes another set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Certificates {
    by_name: HashMap<String, Vec<Arc<Certificate>>>,
    all: Vec<Arc<Certificate>>,
}

impl Certificates {
    /// The set with one more certificate.
    #[must_use]
    pub(crate) fn with(mut self, certificate: impl Into<Arc<Certificate>>) -> Self {
        let certificate = certificate.into();
        for name in &certificate.names {
            let of_name = self.by_name.entry(name.clone()).or_default();
            of_name.push(Arc::clone(&certificate));
        }
        self.all.push(certificate);
        self
    }

    /// The set with a certificate that was renewed in place of the one that had the same name and no tags.
    #[must_use]
    pub(crate) fn with_renewed(mut self, certificate: impl Into<Arc<Certificate>>) -> Self {
        let certificate = certificate.into();
        let stays =
            |old: &Arc<Certificate>| !(old.tags.is_empty() && old.names == certificate.names);
        for name in &certificate.names {
            if let Some(of_name) = self.by_name.get_mut(name) {
                of_name.retain(stays);
            }
        }
        self.all.retain(stays);
        self.with(certificate)
    }

    /// Each of them.
    pub(super) fn all(&self) -> &[Arc<Certificate>] {
        &self.all
    }

    /// True if a certificate covers the name.
    pub(crate) fn covers(&self, name: &str) -> bool {
        candidates(name).any(|name| self.by_name.contains_key(&name))
    }

    /// The certificate for a name: of those with exactly this name, else of those of the wildcards for it.
    pub(crate) fn choose(
        &self,
        name: &str,
        selection: &Selection,
        schemes: &[SignatureScheme],
    ) -> Option<&Arc<Certificate>> {
        candidates(name).find_map(|name| self.of_name(&name, selection, schemes))
    }

    /// The certificate with exactly this name: the first that the selection takes, whose key the client can check, and
    /// that is valid at this time; the best of the others if there is none.
    pub(crate) fn of_name(
        &self,
        name: &str,
        selection: &Selection,
        schemes: &[SignatureScheme],
    ) -> Option<&Arc<Certificate>> {
        let of_name = match self.by_name.get(name) {
            Some(of_name) => of_name,
            // Who chooses by something else than the name gets it whatever the name is, as in Caddy.
            None if selection.chooses => &self.all,
            None => return None,
        };
        let mut fitting = of_name.iter().filter(|one| selection.takes(one));
        let first = fitting.next()?;
        let Some(second) = fitting.next() else {
            return Some(first);
        };
        let now = OffsetDateTime::now_utc();
        let mut best = first;
        for one in [first, second].into_iter().chain(fitting) {
            if one.pair.key.choose_scheme(schemes).is_none() {
                continue;
            }
            best = one;
            if one.not_before < now && now < one.not_after {
                break;
            }
        }
        Some(best)
    }
}

impl Certificate {
    /// What is shown in handshakes.
    pub(crate) fn key(&self) -> Arc<CertifiedKey> {
        self.shown.load_full()
    }

    /// The certificate, and those of the authorities above it.
    pub(super) fn chain(&self) -> &[CertificateDer<'static>] {
        &self.pair.cert
    }

    /// Shows another OCSP answer from now on.
    pub(super) fn staple(&self, answer: Option<Vec<u8>>) {
        let mut shown = CertifiedKey::clone(&self.pair);
        shown.ocsp = answer;
        self.shown.store(Arc::new(shown));
    }

    /// From when to when it is valid.
    pub(super) fn validity(&self) -> Validity {
        Validity {
            not_before: self.not_before,
            not_after: self.not_after,
        }
    }
}

/// The name, and the wildcards that stand for it: `a.b.c`, `*.b.c`, `*.*.c`, `*.*.*`, as Caddy tries them.
fn candidates(name: &str) -> impl Iterator<Item = String> {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let labels = name.split('.').count();
    (0..=labels).map(move |stars| {
        let labels = name.split('.').enumerate();
        let labels = labels.map(|(at, label)| if at < stars { "*" } else { label });
        labels.collect::<Vec<_>>().join(".")
    })
}

#[cfg(test)]
mod tests {
    use super::candidates;

    #[test]
    fn the_exact_name_comes_before_wildcards() {
        let tried: Vec<_> = candidates("A.b.test.").collect();
        assert_eq!(tried, ["a.b.test", "*.b.test", "*.*.test", "*.*.*"]);
    }
}
