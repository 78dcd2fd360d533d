//! `issuer` in the block of `tls`, and the global option `cert_issuer`: who signs certificates.

use caddis_ir::{InternalIssuer, Issuer};
use caddis_source::{Code, Diagnostic, suggest};

use super::{acme_issuer, zerossl_issuer};
use crate::{Args, Result, Token, read, run_on};

/// Issuers of Caddy.
const ISSUERS: &[&str] = &["acme", "internal", "zerossl"];

/// The options of all issuers.
pub(crate) const OPTIONS: &[&str] = &[
    "dir",
    "test_dir",
    "email",
    "profile",
    "timeout",
    "lifetime",
    "eab",
    "trusted_roots",
    "preferred_chains",
    "root_common_name",
    "any_common_name",
    "disable_http_challenge",
    "disable_tlsalpn_challenge",
    "alt_http_port",
    "alt_tlsalpn_port",
    "distributed",
    "dns",
    "resolvers",
    "propagation_delay",
    "propagation_timeout",
    "dns_ttl",
    "dns_challenge_override_domain",
    "ca",
    "sign_with_root",
];

const INTERNAL_OPTIONS: &[&str] = &["ca", "lifetime", "sign_with_root"];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[("lifetime", 1)];

const UNKNOWN: Code = Code("tls/unknown-issuer");

/// Reads `<name> … { … }`, and leaves arguments that Caddy does not look at.
pub(crate) fn read(args: &mut Args<'_>) -> Result<Issuer> {
    let name = args.required("the name of an issuer")?;
    match name.text() {
        "internal" => internal(args).map(Issuer::Internal),
        "acme" => acme_issuer::read(args).map(Issuer::Acme),
        "zerossl" => zerossl_issuer::read(args).map(Issuer::Zerossl),
        _ => Err(other(name)),
    }
}

fn internal(args: &mut Args<'_>) -> Result<InternalIssuer> {
    let mut issuer = InternalIssuer::default();
    // Behind a word that it does not look at, Caddy looks at no block.
    if args.left() > 0 {
        return Ok(issuer);
    }
    for line in run_on::lines(args.options(), TAKES, INTERNAL_OPTIONS).iter() {
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
    Ok(issuer)
}

fn other(name: &Token) -> Diagnostic {
    let error = name.error(UNKNOWN, format!("there is no issuer `{}`", name.text()));
    match suggest(name.text(), ISSUERS.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!(
            "the issuers are {}; caddis has no plugins",
            ISSUERS.join(", ")
        )),
    }
}
