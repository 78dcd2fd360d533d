//! Issuers, and what the global options and `bind` give to them.

use caddis_ir::{AcmeIssuer, Challenge, InternalIssuer, Issuer};

use crate::Options;
use crate::options::AcmeDns;
use crate::sites::Site;

/// The second authority that Caddy asks when it knows an address for the account.
const ZEROSSL: &str = "https://acme.zerossl.com/v2/DV90";

/// The issuers that the global options name.
pub(crate) fn named(options: &Options) -> Vec<Issuer> {
    if options.local_certs && options.cert_issuers.is_empty() {
        return vec![Issuer::Internal(InternalIssuer::default())];
    }
    let named = options.cert_issuers.iter();
    named.map(|(issuer, _)| issuer.clone()).collect()
}

/// True if an option is there that Caddy gives to issuers before the sites have their say.
pub(crate) fn is_prefilled(options: &Options) -> bool {
    options.acme_ca.is_some()
        || options.acme_ca_root.is_some()
        || options.tls.external_account.is_some()
        || options.tls.preferred_chains.is_some()
        || options.tls.acme_dns.is_some()
}

/// The issuers for public names where nobody names one; none if the global options say nothing of ACME.
pub(crate) fn by_default(options: &Options) -> Vec<Issuer> {
    let email = options.email.as_deref();
    if !is_prefilled(options) && email.is_none() {
        return Vec::new();
    }
    let first = Issuer::Acme(AcmeIssuer::default());
    let email = email.unwrap_or_default();
    if options.acme_ca.is_some() || email.trim().is_empty() {
        return vec![first];
    }
    let second = Issuer::Acme(AcmeIssuer {
        ca: ZEROSSL.into(),
        email: email.into(),
        ..AcmeIssuer::default()
    });
    vec![first, second]
}

/// Challenges are answered where the site listens.
pub(crate) fn bind(issuers: &mut [Issuer], site: &Site) {
    for bind in &site.binds {
        let host = bind.addresses.first().cloned().unwrap_or_default();
        for issuer in issuers.iter_mut() {
            let Issuer::Acme(acme) = issuer else { continue };
            let challenges = acme.challenges.get_or_insert_default();
            if challenges.bind_host.is_empty() {
                challenges.bind_host.clone_from(&host);
            }
        }
    }
}

/// Gives an issuer what the global options say.
pub(crate) fn fill(issuer: &mut Issuer, options: &Options) {
    let Issuer::Acme(acme) = issuer else { return };
    fill_text(&mut acme.email, options.email.as_ref());
    fill_text(&mut acme.ca, options.acme_ca.as_ref());
    if let Some(root) = &options.acme_ca_root
        && !acme.trusted_roots_pem_files.contains(root)
    {
        acme.trusted_roots_pem_files.push(root.clone());
    }
    if acme.external_account.is_none() {
        acme.external_account
            .clone_from(&options.tls.external_account);
    }
    if acme.preferred_chains.is_none() {
        acme.preferred_chains
            .clone_from(&options.tls.preferred_chains);
    }
    if acme.certificate_lifetime.is_none() {
        acme.certificate_lifetime = options.tls.cert_lifetime;
    }
    fill_challenges(acme, options);
}

fn fill_challenges(acme: &mut AcmeIssuer, options: &Options) {
    if let Some(provider) = &options.tls.acme_dns {
        let challenges = acme.challenges.get_or_insert_default();
        let dns = challenges.dns.get_or_insert_default();
        if dns.provider.is_none()
            && let AcmeDns::Named(provider) = provider
        {
            dns.provider = Some(provider.clone());
        }
    }
    // The DNS challenge is the only one where it is there, so that no port is listened on.
    let is_dns = acme
        .challenges
        .as_ref()
        .is_some_and(|challenges| challenges.dns.is_some());
    if let Some(port) = options.http_port.filter(|_| !is_dns) {
        let challenges = acme.challenges.get_or_insert_default();
        on_port(challenges.http.get_or_insert_default(), port);
    }
    if let Some(port) = options.https_port.filter(|_| !is_dns) {
        let challenges = acme.challenges.get_or_insert_default();
        on_port(challenges.tls_alpn.get_or_insert_default(), port);
    }
    if let Some(bind) = options.default_bind.first() {
        let challenges = acme.challenges.get_or_insert_default();
        fill_text(&mut challenges.bind_host, bind.addresses.first());
    }
}

fn fill_text(own: &mut String, global: Option<&String>) {
    if let (Some(global), true) = (global, own.is_empty()) {
        own.clone_from(global);
    }
}

fn on_port(challenge: &mut Challenge, port: u16) {
    if challenge.alternate_port == 0 {
        challenge.alternate_port = port;
    }
}
