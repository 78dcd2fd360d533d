//! `issuer` in the block of `tls`, and the global option `cert_issuer`: who signs certificates.

use caddis_ir::{AcmeIssuer, Challenge, Challenges, Duration, InternalIssuer, Issuer};
use caddis_source::{Code, Diagnostic, suggest};
use caddis_syntax::Line;

use crate::{Args, Result, Token, read};

/// Issuers of Caddy.
const ISSUERS: &[&str] = &["acme", "internal", "zerossl"];

/// The options of all issuers that are there.
pub(crate) const OPTIONS: &[&str] = &[
    "dir",
    "test_dir",
    "email",
    "trusted_roots",
    "timeout",
    "disable_http_challenge",
    "disable_tlsalpn_challenge",
    "alt_http_port",
    "alt_tlsalpn_port",
    "ca",
    "lifetime",
    "sign_with_root",
];

const INTERNAL_OPTIONS: &[&str] = &["ca", "lifetime", "sign_with_root"];

const ACME_OPTIONS: &[&str] = &[
    "dir",
    "test_dir",
    "email",
    "trusted_roots",
    "timeout",
    "disable_http_challenge",
    "disable_tlsalpn_challenge",
    "alt_http_port",
    "alt_tlsalpn_port",
];

/// Options of Caddy's ACME issuer that are not there yet.
const ACME_NOT_YET: &[&str] = &[
    "dns",
    "dns_challenge_override_domain",
    "dns_ttl",
    "eab",
    "preferred_chains",
    "profile",
    "propagation_delay",
    "propagation_timeout",
    "resolvers",
];

const NOT_YET: Code = Code("tls/not-yet");
const UNKNOWN: Code = Code("tls/unknown-issuer");
const NOT_A_PORT: Code = Code("tls/not-a-port");
const TWICE: Code = Code("tls/two-directories");
const NEGATIVE: Code = Code("tls/negative-time-out");

/// Reads `<name> … { … }`, and leaves arguments that Caddy does not look at.
pub(crate) fn read(args: &mut Args<'_>) -> Result<Issuer> {
    let name = args.required("the name of an issuer")?;
    match name.text() {
        "internal" => internal(args).map(Issuer::Internal),
        "acme" => acme(args).map(Issuer::Acme),
        _ => Err(other(name)),
    }
}

fn internal(args: &mut Args<'_>) -> Result<InternalIssuer> {
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
    Ok(issuer)
}

fn acme(args: &mut Args<'_>) -> Result<AcmeIssuer> {
    let mut issuer = AcmeIssuer::default();
    if let Some(url) = args.optional() {
        issuer.ca = url.text().into();
    }
    args.no_more()?;
    for line in args.options() {
        acme_option(line, args, &mut issuer)?;
    }
    Ok(issuer)
}

fn acme_option(line: &Line, of: &Args<'_>, issuer: &mut AcmeIssuer) -> Result<()> {
    let option = line.name();
    match option.text() {
        "dir" if !issuer.ca.is_empty() => return Err(second_directory(option)),
        "dir" => issuer.ca = text(line, "dir <url>", "a URL")?,
        "test_dir" => issuer.test_ca = text(line, "test_dir <url>", "a URL")?,
        "email" => issuer.email = text(line, "email <address>", "an e-mail address")?,
        "trusted_roots" => {
            let mut args = Args::new(line, "trusted_roots <file...>");
            let files = args.rest().iter().map(|file| file.text().into());
            issuer.trusted_roots_pem_files = files.collect();
            args.finish()?;
        }
        "timeout" => issuer.acme_timeout = time_out(line)?,
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
        other if ACME_NOT_YET.contains(&other) => return Err(of.not_yet(option)),
        _ => return Err(of.unknown(option, ACME_OPTIONS)),
    }
    Ok(())
}

fn second_directory(option: &Token) -> Diagnostic {
    option
        .error(TWICE, "the issuer has two directories")
        .help("write the URL behind `acme`, or once as `dir`")
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

/// Caddy takes any number, and cannot listen on what is no port.
fn port(line: &Line, syntax: &'static str) -> Result<u16> {
    let token = Args::new(line, syntax).only("a port")?;
    token.text().parse().map_err(|_| {
        let error = token.error(NOT_A_PORT, format!("`{}` is not a port", token.text()));
        error.label("expected a number from 1 to 65535, or 0 for the usual port")
    })
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
