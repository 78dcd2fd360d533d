//! Which of several chains of a certificate is taken.

use caddis_ir::PreferredChains;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tracing::warn;
use x509_parser::prelude::{FromDer, X509Certificate, X509Name};

/// The chain that the config prefers; the first is the one that the server gives by itself.
pub(super) fn preferred(chains: Vec<String>, wanted: &PreferredChains) -> Option<String> {
    let names: Vec<_> = chains.iter().map(|chain| authorities(chain)).collect();
    let found = match wanted {
        PreferredChains {
            smallest: Some(true),
            ..
        } => smallest(&chains),
        PreferredChains {
            smallest: Some(false),
            ..
        } => largest(&chains),
        wanted => {
            let has_root = |name: &String| {
                let mut roots = names.iter().map(|names| names.last());
                roots.position(|root| root == Some(name))
            };
            let has_any = |name: &String| names.iter().position(|names| names.contains(name));
            let by_root = wanted.root_common_name.iter().find_map(has_root);
            let found = by_root.or_else(|| wanted.any_common_name.iter().find_map(has_any));
            let asked = !wanted.root_common_name.is_empty() || !wanted.any_common_name.is_empty();
            if asked && found.is_none() {
                warn!(target: "tls.issuance.acme", "no chain has a name that is preferred; the first one is taken");
            }
            found
        }
    };
    chains.into_iter().nth(found.unwrap_or_default())
}

fn smallest(chains: &[String]) -> Option<usize> {
    (0..chains.len()).min_by_key(|at| chains.get(*at).map(String::len))
}

fn largest(chains: &[String]) -> Option<usize> {
    let at = (0..chains.len()).rev();
    at.max_by_key(|at| chains.get(*at).map(String::len))
}

/// The names of those who have signed, from the one below to the root.
fn authorities(chain: &str) -> Vec<String> {
    let certificates = CertificateDer::pem_slice_iter(chain.as_bytes()).flatten();
    let names = certificates.filter_map(|certificate| {
        let (_, read) = X509Certificate::from_der(&certificate).ok()?;
        common_name(read.issuer())
    });
    names.collect()
}

fn common_name(name: &X509Name<'_>) -> Option<String> {
    let name = name.iter_common_name().next()?;
    name.as_str().ok().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use caddis_ir::PreferredChains;
    use rcgen::{CertificateParams, DnType, IsCa, Issuer, KeyPair};

    use super::preferred;

    /// A leaf, signed by an intermediate, signed by a root of that name.
    fn chain(root: &str, more: usize) -> String {
        let key = || KeyPair::generate().unwrap();
        let named = |name: &str| {
            let mut params = CertificateParams::default();
            params.distinguished_name.push(DnType::CommonName, name);
            params.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
            params
        };
        let root = Issuer::new(named(root), key());
        let (params, intermediate_key) = (named("Middle"), key());
        let intermediate = params.signed_by(&intermediate_key, &root).unwrap();
        let signer = Issuer::new(params, intermediate_key);
        let leaf = CertificateParams::new(["a.test".into()]).unwrap();
        let leaf = leaf.signed_by(&key(), &signer).unwrap();
        [leaf.pem(), intermediate.pem().repeat(1 + more)].concat()
    }

    fn taken(wanted: &PreferredChains) -> usize {
        let chains = vec![chain("One", 0), chain("Two", 2), chain("Three", 1)];
        let taken = preferred(chains.clone(), wanted).unwrap();
        chains.iter().position(|chain| *chain == taken).unwrap()
    }

    #[test]
    fn a_chain_is_taken_by_size_or_by_name() {
        let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let by_size = |smallest| PreferredChains {
            smallest: Some(smallest),
            ..PreferredChains::default()
        };
        assert_eq!(taken(&by_size(true)), 0);
        assert_eq!(taken(&by_size(false)), 1);
        let by_root = |names: &[&str]| PreferredChains {
            root_common_name: named(names),
            ..PreferredChains::default()
        };
        assert_eq!(taken(&by_root(&["Nobody", "Three", "One"])), 2);
        assert_eq!(taken(&by_root(&["Middle"])), 0);
        let by_any = PreferredChains {
            any_common_name: named(&["Two"]),
            ..PreferredChains::default()
        };
        assert_eq!(taken(&by_any), 1);
        assert_eq!(taken(&PreferredChains::default()), 0);
    }
}
