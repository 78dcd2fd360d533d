//! Who signs for a name.

use std::net::IpAddr;

use caddis_ir::{AcmeIssuer, AutomationPolicy, Challenge, InternalIssuer, Issuer, TlsApp};

use super::names::is_public;
use crate::tls::{KEY_TYPES, Subject};

/// An ACME server that Caddy asks after Let's Encrypt where it knows an e-mail address. It wants an external account,
/// which Caddy gets for that address.
const ZEROSSL: &str = "https://acme.zerossl.com/";

/// Why a name can have no certificate.
pub(super) struct Refused {
    pub(super) message: String,
    pub(super) help: Option<&'static str>,
}

/// A name with its issuers, in the order of asking them.
pub(super) fn decide(name: &str, tls: Option<&TlsApp>) -> Result<Subject, Refused> {
    let automation = tls.and_then(|tls| tls.automation.as_ref());
    let policies = automation.map_or(&[][..], |automation| &automation.policies);
    let own = policies.iter().find(|policy| {
        policy
            .subjects
            .iter()
            .any(|subject| subject.eq_ignore_ascii_case(name))
    });
    let covering = policies.iter().find(|policy| {
        policy.subjects.is_empty() || (policy.subjects.iter()).any(|subject| covers(subject, name))
    });
    // A name that no public authority signs for goes to ours, unless a policy names it.
    let implied = own.is_none() && !is_public(name);
    let policy = own.or(covering);
    if let Some(refused) = impossible(name, policy) {
        return Err(refused);
    }
    let wanted = match policy {
        _ if implied => vec![Issuer::Internal(InternalIssuer::default())],
        Some(policy) => of_policy(policy),
        None => vec![Issuer::Acme(AcmeIssuer::default())],
    };
    usable(name, wanted, policy.map_or("", |policy| &policy.key_type))
}

/// Why nobody can be asked for the name.
fn impossible(name: &str, policy: Option<&AutomationPolicy>) -> Option<Refused> {
    let key_type = policy.map_or("", |policy| &policy.key_type);
    if !key_type.is_empty() && !KEY_TYPES.contains(&key_type) {
        return Some(Refused {
            message: format!("`{key_type}` is not a type of keys"),
            help: None,
        });
    }
    if policy.is_some_and(|policy| policy.on_demand) {
        return Some(Refused {
            message: "getting certificates on demand is not supported yet".into(),
            help: Some(
                "leave `on_demand` away: the certificates of all names in the config are there before they are asked for",
            ),
        });
    }
    (!name.is_ascii()).then(|| Refused {
        message: format!("`{name}` cannot stand in a certificate as it is written"),
        help: Some("write it as clients send it, in ASCII (`xn--…`)"),
    })
}

/// The issuers of a policy; our own authority if it names none and all of its names are internal.
fn of_policy(policy: &AutomationPolicy) -> Vec<Issuer> {
    if !policy.issuers.is_empty() {
        return policy.issuers.clone();
    }
    let names = &policy.subjects;
    if !names.is_empty() && !names.iter().any(|name| is_public(name)) {
        return vec![Issuer::Internal(InternalIssuer::default())];
    }
    vec![Issuer::Acme(AcmeIssuer::default())]
}

/// The issuers that can sign for the name; at least one must be left.
fn usable(name: &str, wanted: Vec<Issuer>, key_type: &str) -> Result<Subject, Refused> {
    let mut issuers = Vec::with_capacity(wanted.len());
    let mut refused = Vec::new();
    for issuer in wanted {
        match refusal(name, &issuer) {
            None => issuers.push(issuer),
            Some(why) => refused.push(why),
        }
    }
    let left_out = refused
        .iter()
        .map(|refused| refused.message.clone())
        .collect();
    match refused.into_iter().next() {
        Some(refused) if issuers.is_empty() => Err(refused),
        Some(_) | None => Ok(Subject {
            name: name.to_owned(),
            issuers,
            left_out,
            key_type: key_type.to_owned(),
        }),
    }
}

/// Why an issuer cannot be asked for the name.
fn refusal(name: &str, issuer: &Issuer) -> Option<Refused> {
    match issuer {
        Issuer::Acme(acme) => not_for_acme(name).or_else(|| not_to_be_asked(name, acme)),
        Issuer::Internal(_) | Issuer::Zerossl(_) => None,
    }
}

/// Why no ACME server can be asked for the name.
fn not_for_acme(name: &str) -> Option<Refused> {
    if name.contains('*') {
        return Some(Refused {
            message: format!(
                "an ACME server signs for the wildcard `{name}` only after the DNS challenge, which caddis does not \
                 have yet"
            ),
            help: Some(
                "name the hosts one by one, write `tls internal` in the site to use a certificate authority of your \
                 own, or name certificate files: `tls cert.pem key.pem`",
            ),
        });
    }
    name.parse::<IpAddr>().is_ok().then(|| Refused {
        message: format!(
            "the certificate of the address `{name}` would come from an ACME server, which caddis asks for names only"
        ),
        help: Some(
            "write `tls internal` in the site to use a certificate authority of your own, or name certificate files: \
             `tls cert.pem key.pem`",
        ),
    })
}

/// Why an ACME server cannot be asked with these settings.
fn not_to_be_asked(name: &str, acme: &AcmeIssuer) -> Option<Refused> {
    if acme.ca.starts_with(ZEROSSL) {
        return Some(Refused {
            message: "ZeroSSL wants an external account (EAB), which caddis does not have yet"
                .into(),
            help: Some("leave the `ca` out to ask Let's Encrypt, or name another ACME server"),
        });
    }
    let texts = [&acme.ca, &acme.test_ca, &acme.email];
    if texts.iter().any(|text| text.contains('{')) {
        return Some(Refused {
            message: "placeholders in the settings of an ACME server are not filled yet".into(),
            help: Some("write the value, or `{$NAME}` in a Caddyfile"),
        });
    }
    let disabled = |of: Option<&Challenge>| of.is_some_and(|one| one.disabled);
    let challenges = acme.challenges.as_ref();
    let all_off = challenges.is_some_and(|challenges| {
        disabled(challenges.http.as_ref()) && disabled(challenges.tls_alpn.as_ref())
    });
    all_off.then(|| Refused {
        message: format!("with both challenges disabled nothing can prove that `{name}` is yours"),
        help: Some("leave out `disable_http_challenge` or `disable_tlsalpn_challenge`"),
    })
}

/// True if a subject of a policy is a wildcard for the name.
fn covers(subject: &str, name: &str) -> bool {
    let wildcard = subject.strip_prefix("*.");
    wildcard.is_some_and(|rest| {
        name.split_once('.')
            .is_some_and(|(_, parent)| parent.eq_ignore_ascii_case(rest))
    })
}
