//! `issuer acme`: an ACME server, and how its challenges are answered.

use caddis_ir::{AcmeIssuer, Challenge, Challenges, DnsChallenge, Duration, ExternalAccount};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use super::dns_challenge;
use super::preferred_chains;
use crate::{Args, Result, Token, read, run_on};

pub(super) const OPTIONS: &[&str] = &[
    "dir",
    "test_dir",
    "email",
    "profile",
    "timeout",
    "lifetime",
    "eab",
    "trusted_roots",
    "preferred_chains",
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
];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[
    ("alt_http_port", 1),
    ("alt_tlsalpn_port", 1),
    ("dns_ttl", 1),
    ("propagation_delay", 1),
    ("propagation_timeout", 1),
];

const NOT_A_PORT: Code = Code("tls/not-a-port");
const TWICE: Code = Code("tls/two-directories");
const NEGATIVE: Code = Code("tls/negative-time-out");
const NOT_FALSE: Code = Code("tls/not-false");

pub(super) fn read(args: &mut Args<'_>) -> Result<AcmeIssuer> {
    let mut issuer = AcmeIssuer::default();
    if let Some(url) = args.optional() {
        issuer.ca = url.text().into();
    }
    args.no_more()?;
    for line in run_on::lines(args.options(), TAKES, OPTIONS).iter() {
        option(line, args, &mut issuer)?;
    }
    Ok(issuer)
}

fn option(line: &Line, of: &Args<'_>, issuer: &mut AcmeIssuer) -> Result<()> {
    let option = line.name();
    match option.text() {
        "dir" if !issuer.ca.is_empty() => return Err(second_directory(option)),
        "dir" => issuer.ca = text(line, "dir <url>", "a URL")?,
        "test_dir" => issuer.test_ca = text(line, "test_dir <url>", "a URL")?,
        "email" => issuer.email = text(line, "email <address>", "an e-mail address")?,
        "profile" => issuer.profile = text(line, "profile <name>", "the name of a profile")?,
        "timeout" => issuer.acme_timeout = time_out(line)?,
        "lifetime" => {
            let time = Args::new(line, "lifetime <duration>").only("a duration")?;
            let time = read::duration(time)?;
            issuer.certificate_lifetime = Some(time).filter(|time| time.0 != 0);
        }
        "eab" => issuer.external_account = Some(external_account(line)?),
        "trusted_roots" => {
            let mut args = Args::new(line, "trusted_roots <file...>");
            let files = args.rest().iter().map(|file| file.text().into());
            issuer.trusted_roots_pem_files = files.collect();
            args.finish()?;
        }
        "preferred_chains" => {
            let mut args = Args::new(line, preferred_chains::SYNTAX);
            issuer.preferred_chains = Some(preferred_chains::read(&mut args)?);
        }
        _ if challenge(line, issuer)? => {}
        _ => return Err(of.unknown(option, OPTIONS)),
    }
    Ok(())
}

/// Reads an option of a challenge; false if it is none.
fn challenge(line: &Line, issuer: &mut AcmeIssuer) -> Result<bool> {
    match line.name().text() {
        "disable_http_challenge" => {
            Args::new(line, "disable_http_challenge").finish()?;
            http(issuer).disabled = true;
        }
        "disable_tlsalpn_challenge" => {
            Args::new(line, "disable_tlsalpn_challenge").finish()?;
            tls_alpn(issuer).disabled = true;
        }
        "alt_http_port" => http(issuer).alternate_port = port(line, "alt_http_port <port>")?,
        "alt_tlsalpn_port" => {
            tls_alpn(issuer).alternate_port = port(line, "alt_tlsalpn_port <port>")?;
        }
        "distributed" => challenges(issuer).distributed = Some(only_false(line)?),
        "dns" => {
            let mut args = Args::new(line, "dns [<provider>]");
            if args.left() > 0 {
                dns_challenge::provider(line, dns(issuer))?;
            } else {
                args.finish()?;
                dns(issuer);
            }
        }
        name if OPTIONS.contains(&name) => return dns_challenge::option(line, dns(issuer)),
        _ => return Ok(false),
    }
    Ok(true)
}

fn second_directory(option: &Token) -> Diagnostic {
    option
        .error(TWICE, "the issuer has two directories")
        .help("write the URL behind `acme`, or once as `dir`")
}

/// The account and its secret, in that order.
pub(super) fn external_account(line: &Line) -> Result<ExternalAccount> {
    let mut args = Args::new(line, "eab <key id> <MAC key>");
    let key_id = args.required("the id of a key")?.text().into();
    let mac_key = args.required("a MAC key")?.text().into();
    args.finish()?;
    Ok(ExternalAccount { key_id, mac_key })
}

fn challenges(issuer: &mut AcmeIssuer) -> &mut Challenges {
    issuer.challenges.get_or_insert_default()
}

fn http(issuer: &mut AcmeIssuer) -> &mut Challenge {
    challenges(issuer).http.get_or_insert_default()
}

fn tls_alpn(issuer: &mut AcmeIssuer) -> &mut Challenge {
    challenges(issuer).tls_alpn.get_or_insert_default()
}

fn dns(issuer: &mut AcmeIssuer) -> &mut DnsChallenge {
    challenges(issuer).dns.get_or_insert_default()
}

/// Caddy takes any number, and cannot listen on what is no port.
fn port(line: &Line, syntax: &'static str) -> Result<u16> {
    let token = Args::new(line, syntax).only("a port")?;
    token.text().parse().map_err(|_| {
        let error = token.error(NOT_A_PORT, format!("`{}` is not a port", token.text()));
        error.label("expected a number from 1 to 65535, or 0 for the usual port")
    })
}

fn only_false(line: &Line) -> Result<bool> {
    let token = Args::new(line, "distributed false").only("`false`")?;
    if token.text() == "false" {
        return Ok(false);
    }
    let message = format!("`{}` is not `false`", token.text());
    let error = token.error(NOT_FALSE, message).label("expected `false`");
    Err(error.help("leave the option out: challenges are shared over the storage without it"))
}

fn time_out(line: &Line) -> Result<Option<Duration>> {
    let token = Args::new(line, "timeout <duration>").only("a duration")?;
    let time = read::duration(token)?;
    if time.0 < 0 {
        let message = format!("`{}` is over before it begins", token.text());
        return Err(token
            .error(NEGATIVE, message)
            .help("write a duration such as `30s`, or leave the option out"));
    }
    Ok(Some(time).filter(|time| time.0 != 0))
}

fn text(line: &Line, syntax: &'static str, what: &str) -> Result<String> {
    Ok(Args::new(line, syntax).only(what)?.text().into())
}
