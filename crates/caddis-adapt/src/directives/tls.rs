//! `tls`: certificates of a site, and how its TLS connections are made.

use caddis_ir::{
    AcmeIssuer, CertificateFile, CertificateManager, CertificateSelection, ConnectionPolicy,
    DnsChallenge, InternalIssuer, Issuer, Ratio,
};
use caddis_source::{Code, Diagnostic, Span};

use super::{dns_challenge, tls_options};
use crate::item::Places;
use crate::scope::CertificateTag;
use crate::{Args, Directive, Item, Lower, Options, Result, Scope, Token, run_on};

pub(super) const DIRECTIVE: Directive = Directive {
    name: "tls",
    old_names: &[],
    summary: "Where a site's certificates come from, and how its TLS connections are made.",
    syntax: "tls internal | <email> | <certificate> <key> | force_automate",
    subdirectives: tls_options::OPTIONS,
    examples: &["tls internal", "tls cert.pem key.pem", "tls me@a.test"],
    lower: Lower::Items(lower),
};

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[("insecure_secrets_log", 1)];

const NOT_A_SOURCE: Code = Code("tls/not-a-source");
const MIXED_ISSUERS: Code = Code("tls/mixed-issuers");
const NOTHING: Code = Code("tls/nothing");

/// The directory of `ZeroSSL`: asked after Let's Encrypt when there is an e-mail address.
const ZEROSSL: &str = "https://acme.zerossl.com/v2/DV90";

/// What the arguments and the block say.
#[derive(Default)]
pub(super) struct Settings<'a> {
    pub(super) file: Option<CertificateFile>,
    pub(super) folders: Vec<String>,
    pub(super) policy: ConnectionPolicy,
    /// An ACME server, as `tls <email>` and options such as `ca` describe it without naming an issuer.
    pub(super) acme: Option<AcmeIssuer>,
    pub(super) internal: Option<InternalIssuer>,
    /// Issuers of `issuer`.
    pub(super) issuers: Vec<(Issuer, Span)>,
    pub(super) key_type: Option<String>,
    pub(super) on_demand: bool,
    pub(super) force_automate: bool,
    pub(super) reuse_private_keys: bool,
    pub(super) renewal_window_ratio: Option<Ratio>,
    pub(super) managers: Vec<CertificateManager>,
    /// The DNS challenge, and the options that say something of it.
    pub(super) dns: DnsChallenge,
    pub(super) dns_options: Vec<&'a Token>,
    /// Where the fields of the policies stand.
    pub(super) places: Places,
}

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Vec<Item>> {
    let mut settings = Settings::default();
    let has_arguments = args.left() > 0;
    source(args, scope, &mut settings)?;
    let lines = run_on::lines(args.options(), TAKES, tls_options::OPTIONS);
    for line in lines.iter() {
        tls_options::option(line, args, &mut settings, scope)?;
    }
    let provided = settings.dns.provider.is_some() || scope.options.tls.acme_dns.is_some();
    if settings.dns.provider.is_some() || (provided && !settings.dns_options.is_empty()) {
        let acme = settings.acme.get_or_insert_default();
        let challenges = acme.challenges.get_or_insert_default();
        challenges.dns = Some(settings.dns.clone());
    }
    let unprovided = dns_challenge::without_provider(&settings.dns_options);
    if let Some(error) = unprovided.filter(|_| !provided) {
        let end = args.block().map(|block| block.close);
        return Err(match end {
            Some(end) => error.caddys_at(end),
            None => error,
        });
    }
    if !has_arguments && lines.is_empty() {
        let error = Diagnostic::error(NOTHING, args.span(), "this `tls` has no settings");
        return Err(args.with_usage(error.help("take it away: HTTPS is on without it")));
    }
    items(settings, args.span(), scope.options)
}

/// The arguments: where certificates come from.
fn source(args: &mut Args<'_>, scope: &mut Scope<'_>, settings: &mut Settings<'_>) -> Result<()> {
    let Some(first) = args.optional() else {
        return Ok(());
    };
    if let Some(key) = args.optional() {
        args.no_more()?;
        certificate(first, key, scope, settings);
        return Ok(());
    }
    match first.text() {
        "internal" => settings.internal = Some(InternalIssuer::default()),
        "force_automate" => settings.force_automate = true,
        email if email.contains('@') => {
            settings.acme = Some(AcmeIssuer {
                email: email.into(),
                ..AcmeIssuer::default()
            });
        }
        _ => return Err(args.with_usage(not_a_source(first))),
    }
    Ok(())
}

/// A file that two sites share is loaded once; both choose it by its tag.
fn certificate(
    certificate: &Token,
    key: &Token,
    scope: &mut Scope<'_>,
    settings: &mut Settings<'_>,
) {
    let tag = match scope.certificate_tag(certificate.text()) {
        CertificateTag::Known(tag) => tag,
        CertificateTag::New(tag) => {
            settings.file = Some(CertificateFile {
                certificate: certificate.text().into(),
                key: key.text().into(),
                format: String::new(),
                tags: vec![tag.clone()],
            });
            tag
        }
    };
    settings.policy.certificate_selection = Some(CertificateSelection {
        any_tag: vec![tag],
        ..CertificateSelection::default()
    });
}

fn not_a_source(token: &Token) -> Diagnostic {
    let message = format!("`{}` is not where certificates come from", token.text());
    let error = token
        .error(NOT_A_SOURCE, message)
        .label("expected `internal`, an e-mail address, or a certificate and its key");
    match token.text() {
        "off" => error.help("for plain HTTP, write the site's address with `http://`"),
        "self_signed" | "selfsigned" => error.help("write `tls internal`"),
        text if text.contains('{') => {
            error.help("a placeholder is not filled here; write `{$NAME}` for a variable")
        }
        _ => error,
    }
}

fn items(settings: Settings<'_>, span: Span, options: &Options) -> Result<Vec<Item>> {
    let acme = settings.acme.map(|acme| implicit_acme(&acme, options));
    let issuers = issuers(acme, settings.internal, settings.issuers, span)?;
    let file = settings
        .file
        .map(|file| Item::CertificateFile { file, span });
    let issuers = issuers
        .into_iter()
        .map(|(issuer, span)| Item::Issuer { issuer, span });
    let mut items: Vec<Item> = file.into_iter().chain(issuers).collect();
    if !settings.folders.is_empty() {
        let folders = settings.folders;
        items.push(Item::CertificateFolders { folders, span });
    }
    let key_type = settings.key_type;
    items.extend(key_type.map(|key_type| Item::KeyType { key_type, span }));
    let managers = settings.managers.into_iter();
    items.extend(managers.map(|manager| Item::CertificateManager { manager, span }));
    let ratio = settings.renewal_window_ratio;
    items.extend(ratio.map(|ratio| Item::RenewalWindowRatio { ratio, span }));
    let flags = [
        (settings.on_demand, Item::OnDemand { span }),
        (settings.reuse_private_keys, Item::ReusePrivateKeys { span }),
        (settings.force_automate, Item::ForceAutomate { span }),
    ];
    items.extend(
        flags
            .into_iter()
            .filter(|(is_set, _)| *is_set)
            .map(|(_, item)| item),
    );
    // Always there: a site with `tls` is served over TLS, whatever its address says.
    items.push(Item::ConnectionPolicy {
        policy: settings.policy,
        places: settings.places,
        span,
    });
    Ok(items)
}

/// The issuers of `issuer`, or the one that other options imply.
fn issuers(
    acme: Option<Vec<Issuer>>,
    internal: Option<InternalIssuer>,
    explicit: Vec<(Issuer, Span)>,
    span: Span,
) -> Result<Vec<(Issuer, Span)>> {
    if !explicit.is_empty() && (acme.is_some() || internal.is_some()) {
        let message = "`issuer` cannot be combined with `internal`, an e-mail address, `ca`, `ca_root` or `eab`";
        return Err(mixed(span, message)
            .help("write them in the block of the issuer: `issuer acme { email, dir }`"));
    }
    match (acme, internal) {
        (Some(_), Some(_)) => {
            let message =
                "`internal` cannot be combined with `ca`, `ca_root` or `eab`, which are for ACME";
            Err(mixed(span, message).help("remove one of them"))
        }
        (Some(acme), None) => {
            let issuers = acme.into_iter();
            Ok(issuers.map(|issuer| (issuer, span)).collect())
        }
        (None, Some(internal)) => Ok(vec![(Issuer::Internal(internal), span)]),
        (None, None) => Ok(explicit),
    }
}

/// The ACME servers of the global options, or else Let's Encrypt and, if there is an address, `ZeroSSL` behind it;
/// each with what the site says. If the site names a server, that one alone.
fn implicit_acme(own: &AcmeIssuer, options: &Options) -> Vec<Issuer> {
    let named = options.cert_issuers.iter();
    let named = named.filter_map(|(issuer, _)| match issuer {
        Issuer::Acme(acme) => Some(Issuer::Acme(overridden(acme, own))),
        Issuer::Internal(_) | Issuer::Zerossl(_) => None,
    });
    let named: Vec<Issuer> = named.collect();
    if !named.is_empty() {
        return named;
    }
    let first = Issuer::Acme(own.clone());
    if !own.ca.is_empty() || own.email.is_empty() {
        return vec![first];
    }
    let second = AcmeIssuer {
        ca: ZEROSSL.into(),
        ..own.clone()
    };
    vec![first, Issuer::Acme(second)]
}

fn overridden(acme: &AcmeIssuer, own: &AcmeIssuer) -> AcmeIssuer {
    let mut acme = acme.clone();
    if !own.ca.is_empty() {
        acme.ca.clone_from(&own.ca);
    }
    if !own.email.is_empty() {
        acme.email.clone_from(&own.email);
    }
    for root in &own.trusted_roots_pem_files {
        add_root(&mut acme, root);
    }
    if own.external_account.is_some() {
        acme.external_account.clone_from(&own.external_account);
    }
    let challenges = own.challenges.as_ref();
    if let Some(dns) = challenges.and_then(|challenges| challenges.dns.as_ref()) {
        acme.challenges.get_or_insert_default().dns = Some(dns.clone());
    }
    acme
}

/// Adds a root if it is not there.
pub(super) fn add_root(acme: &mut AcmeIssuer, root: &str) {
    let roots = &mut acme.trusted_roots_pem_files;
    if !roots.iter().any(|known| known == root) {
        roots.push(root.into());
    }
}

fn mixed(span: Span, message: &str) -> Diagnostic {
    Diagnostic::error(MIXED_ISSUERS, span, message)
}
