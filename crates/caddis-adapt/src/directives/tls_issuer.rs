//! `issuer` in the block of `tls`: who signs a site's certificates.

use caddis_ir::{AcmeIssuer, InternalIssuer, Issuer};
use caddis_source::{Code, Diagnostic, suggest};
use caddis_syntax::Line;

use crate::{Args, Result, Scope, Token, read};

/// Issuers of Caddy.
const ISSUERS: &[&str] = &["acme", "internal", "zerossl"];

const INTERNAL_OPTIONS: &[&str] = &["ca", "lifetime", "sign_with_root"];

const ACME_OPTIONS: &[&str] = &["dir", "test_dir", "email", "trusted_roots"];

/// Options of Caddy's ACME issuer that are not there yet.
const ACME_NOT_YET: &[&str] = &[
    "alt_http_port",
    "alt_tlsalpn_port",
    "disable_http_challenge",
    "disable_tlsalpn_challenge",
    "dns",
    "dns_challenge_override_domain",
    "dns_ttl",
    "eab",
    "preferred_chains",
    "profile",
    "propagation_delay",
    "propagation_timeout",
    "resolvers",
    "timeout",
];

const NOT_YET: Code = Code("tls/not-yet");
const UNKNOWN: Code = Code("tls/unknown-issuer");

/// Reads `issuer <name> … { … }`.
pub(super) fn read(line: &Line, scope: &mut Scope<'_>) -> Result<Issuer> {
    let mut args = Args::new(line, "issuer internal | acme [<url>]");
    let name = args.required("the name of an issuer")?;
    match name.text() {
        "internal" => internal(&mut args, scope).map(Issuer::Internal),
        "acme" => acme(&mut args).map(Issuer::Acme),
        _ => Err(other(name)),
    }
}

fn internal(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<InternalIssuer> {
    let mut issuer = InternalIssuer::default();
    for line in args.options() {
        let option = line.name();
        match option.text() {
            "ca" => {
                let ca = Args::new(line, "ca <id>").only("the id of an authority")?;
                issuer.ca = ca.text().into();
            }
            "lifetime" => {
                let time = Args::new(line, "lifetime <duration>").only("a duration")?;
                issuer.lifetime = Some(read::duration(time)?).filter(|time| time.0 != 0);
            }
            "sign_with_root" => {
                Args::new(line, "sign_with_root").finish()?;
                issuer.sign_with_root = true;
            }
            _ => return Err(args.unknown(option, INTERNAL_OPTIONS)),
        }
    }
    scope.ignored(args);
    Ok(issuer)
}

fn acme(args: &mut Args<'_>) -> Result<AcmeIssuer> {
    let mut issuer = AcmeIssuer::default();
    if let Some(url) = args.optional() {
        issuer.ca = url.text().into();
    }
    args.no_more()?;
    for line in args.options() {
        let option = line.name();
        match option.text() {
            "dir" => issuer.ca = text(line, "dir <url>", "a URL")?,
            "test_dir" => issuer.test_ca = text(line, "test_dir <url>", "a URL")?,
            "email" => issuer.email = text(line, "email <address>", "an e-mail address")?,
            "trusted_roots" => {
                let mut args = Args::new(line, "trusted_roots <file...>");
                let files = args.rest().iter().map(|file| file.text().into());
                issuer.trusted_roots_pem_files = files.collect();
            }
            other if ACME_NOT_YET.contains(&other) => {
                return Err(args.not_yet(option));
            }
            _ => return Err(args.unknown(option, ACME_OPTIONS)),
        }
    }
    Ok(issuer)
}

fn text(line: &Line, syntax: &'static str, what: &str) -> Result<String> {
    Ok(Args::new(line, syntax).only(what)?.text().into())
}

fn other(name: &Token) -> Diagnostic {
    if ISSUERS.contains(&name.text()) {
        let message = format!(
            "`{}` is an issuer of Caddy that caddis does not have yet",
            name.text()
        );
        return name.error(NOT_YET, message).label("not there yet");
    }
    let error = name.error(UNKNOWN, format!("there is no issuer `{}`", name.text()));
    match suggest(name.text(), ISSUERS.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help("the issuers are `acme` and `internal`"),
    }
}
