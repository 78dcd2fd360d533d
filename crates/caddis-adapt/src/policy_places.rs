//! Where automation policies, their issuers and what these say stand in the text.

use std::collections::HashMap;

use caddis_ir::{AcmeIssuer, Automation, AutomationPolicy, Challenges, Issuer};
use caddis_source::Span;

use crate::Options;
use crate::origins::{At, Trail};
use crate::sites::{Key, Site};

/// The sites by their names, and the global options.
pub(crate) struct Places<'a> {
    by_name: HashMap<&'a str, (&'a Site, &'a Key)>,
    options: &'a Options,
}

/// What an issuer says of itself, before the global options are added, and where.
struct Written<'a> {
    issuer: Option<&'a Issuer>,
    span: Option<Span>,
}

impl<'a> Places<'a> {
    pub(crate) fn new(sites: &'a [Site], options: &'a Options) -> Self {
        let mut by_name = HashMap::new();
        for site in sites {
            for key in &site.keys {
                let name = key.address.host.as_str();
                by_name.entry(name).or_insert((site, key));
            }
        }
        Self { by_name, options }
    }

    /// Names stand where `tls` of the first site with them does, or where they do themselves.
    pub(crate) fn names(&self, names: &[String]) -> Trail {
        Trail::list(names.iter().map(|name| Trail {
            span: self.name(name),
            children: Vec::new(),
        }))
    }

    pub(crate) fn automation(&self, automation: &Automation) -> Trail {
        let policies = automation.policies.iter();
        let policies = Trail::list(policies.map(|policy| self.policy(policy)));
        let trail = Trail::default().with(At::Key("policies"), policies);
        self.of_options(
            trail,
            &[
                ("renew_interval", "renew_interval"),
                ("on_demand", "on_demand_tls"),
                ("ocsp_interval", "ocsp_interval"),
                ("storage_clean_interval", "storage_clean_interval"),
            ],
        )
    }

    /// What the global options say of the whole TLS app.
    pub(crate) fn app(&self) -> Trail {
        self.of_options(
            Trail::default(),
            &[
                ("disable_ocsp_stapling", "ocsp_stapling"),
                ("disable_storage_check", "storage_check"),
                ("disable_storage_clean", "storage_clean_interval"),
                ("encrypted_client_hello", "ech"),
                ("dns", "dns"),
                ("resolvers", "tls_resolvers"),
            ],
        )
    }

    /// Fields that stand where options do.
    fn of_options(&self, trail: Trail, fields: &[(&'static str, &str)]) -> Trail {
        let place = |option: &str| self.options.place(option);
        let fields = fields.iter();
        fields.fold(trail, |trail, (field, option)| {
            with(trail, field, place(option))
        })
    }

    fn name(&self, name: &str) -> Option<Span> {
        let (site, key) = self.by_name.get(name)?;
        Some(site.tls.unwrap_or(key.span))
    }

    /// A policy stands where the first of its names does; one for every name where the options say it.
    fn policy(&self, policy: &AutomationPolicy) -> Trail {
        let first = policy.subjects.first().map_or("", String::as_str);
        let of_option = [
            "cert_issuer",
            "local_certs",
            "acme_ca",
            "acme_ca_root",
            "key_type",
            "email",
            "acme_eab",
            "preferred_chains",
            "renewal_window_ratio",
            "ocsp_stapling",
        ];
        let of_option = of_option.iter().find_map(|name| self.options.place(name));
        let site = self.by_name.get(first).map(|(site, _)| *site);
        let span = if first.is_empty() {
            site.and_then(|site| site.tls).or(of_option)
        } else {
            self.name(first)
        };
        let issuers = policy.issuers.iter().enumerate();
        let issuers = issuers.map(|(at, issuer)| self.issuer(issuer, &self.written(site, at)));
        let key_type = if site.is_some_and(|site| site.key_type.is_some()) {
            span
        } else {
            self.options.place("key_type").or(span)
        };
        let mut trail = Trail {
            span,
            children: Vec::new(),
        };
        trail = trail.with(At::Key("issuers"), Trail::list(issuers));
        trail = with(trail, "key_type", key_type);
        for (field, option) in [
            ("renewal_window_ratio", Some("renewal_window_ratio")),
            ("disable_ocsp_stapling", Some("ocsp_stapling")),
            ("get_certificate", None),
            ("reuse_private_keys", None),
            ("on_demand", None),
        ] {
            let own = site.and_then(|site| {
                let place = site.places.iter().find(|(known, _)| *known == field);
                place.map(|(_, span)| *span)
            });
            let option = option.and_then(|option| self.options.place(option));
            trail = with(trail, field, own.or(option));
        }
        trail
    }

    /// The line that names a policy's issuer: of a site, or else of the global options.
    fn written(&self, site: Option<&'a Site>, at: usize) -> Written<'a> {
        let of_site = site.map_or(&[][..], |site| &site.issuers);
        let named = if of_site.is_empty() {
            &self.options.cert_issuers
        } else {
            of_site
        };
        Written {
            issuer: named.get(at).map(|(issuer, _)| issuer),
            span: named.get(at).map(|(_, span)| *span),
        }
    }

    fn issuer(&self, issuer: &Issuer, written: &Written<'_>) -> Trail {
        let trail = Trail {
            span: written.span,
            children: Vec::new(),
        };
        let Issuer::Acme(acme) = issuer else {
            return trail;
        };
        let nothing = AcmeIssuer::default();
        let own = match written.issuer {
            Some(Issuer::Acme(own)) => own,
            Some(Issuer::Internal(_) | Issuer::Zerossl(_)) | None => &nothing,
        };
        self.filled(trail, acme, own)
    }

    /// What the issuer does not say itself comes from the global options.
    fn filled(&self, mut trail: Trail, acme: &AcmeIssuer, own: &AcmeIssuer) -> Trail {
        if own.email.is_empty() {
            trail = with(trail, "email", self.options.place("email"));
        }
        if own.ca.is_empty() {
            let place = self
                .options
                .place("acme_ca")
                .or(self.options.place("email"));
            trail = with(trail, "ca", place);
        }
        for (field, is_own, option) in [
            (
                "external_account",
                own.external_account.is_some(),
                "acme_eab",
            ),
            (
                "preferred_chains",
                own.preferred_chains.is_some(),
                "preferred_chains",
            ),
            (
                "certificate_lifetime",
                own.certificate_lifetime.is_some(),
                "cert_lifetime",
            ),
        ] {
            if !is_own {
                trail = with(trail, field, self.options.place(option));
            }
        }
        let roots = acme.trusted_roots_pem_files.iter().map(|root| {
            let is_own = own.trusted_roots_pem_files.contains(root);
            let place = self.options.place("acme_ca_root").filter(|_| !is_own);
            Trail {
                span: place,
                children: Vec::new(),
            }
        });
        trail = trail.with(At::Key("trusted_roots_pem_files"), Trail::list(roots));
        trail.with(
            At::Key("challenges"),
            self.challenges(own.challenges.as_ref()),
        )
    }

    fn challenges(&self, own: Option<&Challenges>) -> Trail {
        let has_port = |challenge: Option<caddis_ir::Challenge>| {
            challenge.is_some_and(|challenge| challenge.alternate_port != 0)
        };
        let mut trail = Trail::default();
        if !has_port(own.and_then(|own| own.http)) {
            trail = with(trail, "http", self.options.place("http_port"));
        }
        if !has_port(own.and_then(|own| own.tls_alpn)) {
            trail = with(trail, "tls-alpn", self.options.place("https_port"));
        }
        trail
    }
}

fn with(trail: Trail, key: &'static str, place: Option<Span>) -> Trail {
    match place {
        Some(span) => trail.with(At::Key(key), Trail::at(span)),
        None => trail,
    }
}
