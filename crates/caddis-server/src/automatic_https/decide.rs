//! Who signs for a name.

use std::net::IpAddr;

use caddis_ir::{AcmeIssuer, AutomationPolicy, Challenge, InternalIssuer, Issuer, TlsApp};

use super::demand::window;
use super::names::is_public;
use crate::tls::{KEY_TYPES, Stapling, Subject, gives_accounts};

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
        Some(policy) => issuers_of(policy),
        None => vec![Issuer::Acme(AcmeIssuer::default())],
    };
    let subject = Subject {
        name: name.to_owned(),
        key_type: policy.map_or_else(String::new, |policy| policy.key_type.clone()),
        reuse_key: policy.is_some_and(|policy| policy.reuse_private_keys),
        renewal_window: policy.and_then(|policy| window(policy.renewal_window_ratio?)),
        must_staple: policy.is_some_and(|policy| policy.must_staple),
        stapling: Stapling::of(policy),
        ..Subject::default()
    };
    usable(subject, wanted)
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
    (!name.is_ascii()).then(|| Refused {
        message: format!("`{name}` cannot stand in a certificate as it is written"),
        help: Some("write it as clients send it, in ASCII (`xn--…`)"),
    })
}

/// The issuers of a policy; our own authority if it names none and all of its names are internal.
pub(super) fn issuers_of(policy: &AutomationPolicy) -> Vec<Issuer> {
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
fn usable(subject: Subject, wanted: Vec<Issuer>) -> Result<Subject, Refused> {
    let mut issuers = Vec::with_capacity(wanted.len());
    let mut refused = Vec::new();
    for issuer in wanted {
        match refusal(&subject.name, &issuer) {
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
            issuers,
            left_out,
            ..subject
        }),
    }
}

/// Why an issuer cannot be asked for the name.
fn refusal(name: &str, issuer: &Issuer) -> Option<Refused> {
    match issuer {
        Issuer::Acme(acme) => not_for_acme(name, acme).or_else(|| not_to_be_asked(name, acme)),
        Issuer::Internal(_) | Issuer::Zerossl(_) => None,
    }
}

/// Why no ACME server can be asked for the name.
fn not_for_acme(name: &str, acme: &AcmeIssuer) -> Option<Refused> {
    let by_dns = by_dns(acme);
    if name.contains('*') && !by_dns {
        return Some(Refused {
            message: format!(
                "an ACME server signs for the wildcard `{name}` only after the DNS challenge, and no DNS provider is named"
            ),
            help: Some(
                "name a DNS provider in the `tls` of the site: `dns exec PROGRAM` or `dns rfc2136 { … }`; or name the \
                 hosts one by one, or write `tls internal`",
            ),
        });
    }
    (name.parse::<IpAddr>().is_ok() && by_dns).then(|| Refused {
        message: format!("no DNS record can show whose the address `{name}` is"),
        help: Some("leave the DNS provider out for this site"),
    })
}

fn by_dns(acme: &AcmeIssuer) -> bool {
    let challenges = acme.challenges.as_ref();
    challenges.is_some_and(|challenges| challenges.dns.is_some())
}

/// Why an ACME server cannot be asked with these settings.
fn not_to_be_asked(name: &str, acme: &AcmeIssuer) -> Option<Refused> {
    if gives_accounts(&acme.ca) && acme.external_account.is_none() && acme.email.is_empty() {
        return Some(Refused {
            message: "ZeroSSL wants an e-mail address or an external account (EAB)".into(),
            help: Some("write `email ADDRESS` in the global options"),
        });
    }
    let account = acme.external_account.as_ref();
    let account = account.map(|account| [&account.key_id, &account.mac_key]);
    let mut texts = [&acme.ca, &acme.test_ca, &acme.email, &acme.profile]
        .into_iter()
        .chain(account.into_iter().flatten());
    if texts.any(|text| text.contains('{')) {
        return Some(Refused {
            message: "placeholders in the settings of an ACME server are not filled yet".into(),
            help: Some("write the value, or `{$NAME}` in a Caddyfile"),
        });
    }
    let disabled = |of: Option<&Challenge>| of.is_some_and(|one| one.disabled);
    let challenges = acme.challenges.as_ref();
    let all_off = challenges.is_some_and(|challenges| {
        challenges.dns.is_none()
            && disabled(challenges.http.as_ref())
            && disabled(challenges.tls_alpn.as_ref())
    });
    all_off.then(|| Refused {
        message: format!("with both challenges disabled nothing can prove that `{name}` is yours"),
        help: Some("leave out `disable_http_challenge` or `disable_tlsalpn_challenge`"),
    })
}

/// True if a subject of a policy is a wildcard for the name.
pub(super) fn covers(subject: &str, name: &str) -> bool {
    let wildcard = subject.strip_prefix("*.");
    wildcard.is_some_and(|rest| {
        name.split_once('.')
            .is_some_and(|(_, parent)| parent.eq_ignore_ascii_case(rest))
    })
}
