//! `issuer zerossl`: `ZeroSSL`, over its own API.

use caddis_ir::ZeroSslIssuer;
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use super::dns_challenge;
use crate::{Args, Result, Token, run_on};

pub(super) const OPTIONS: &[&str] = &[
    "alt_http_port",
    "dns",
    "resolvers",
    "propagation_delay",
    "propagation_timeout",
    "dns_ttl",
];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[
    ("alt_http_port", 1),
    ("dns_ttl", 1),
    ("propagation_delay", 1),
    ("propagation_timeout", 1),
];

const NOT_A_PORT: Code = Code("tls/not-a-port");
const VALIDITY: Code = Code("tls/validity-days");

pub(super) fn read(args: &mut Args<'_>) -> Result<ZeroSslIssuer> {
    let mut issuer = ZeroSslIssuer {
        api_key: args.required("the key of an account")?.text().into(),
        ..ZeroSslIssuer::default()
    };
    args.no_more()?;
    for line in run_on::lines(args.options(), TAKES, OPTIONS).iter() {
        option(line, args, &mut issuer)?;
    }
    Ok(issuer)
}

fn option(line: &Line, of: &Args<'_>, issuer: &mut ZeroSslIssuer) -> Result<()> {
    let option = line.name();
    match option.text() {
        "validity_days" => return Err(validity(option)),
        "alt_http_port" => {
            let port = Args::new(line, "alt_http_port <port>").only("a port")?;
            issuer.alternate_http_port = port.text().parse().map_err(|_| not_a_port(port))?;
        }
        "dns" => {
            let challenge = issuer.cname_validation.get_or_insert_default();
            dns_challenge::provider(line, challenge)?;
        }
        name if OPTIONS.contains(&name) => {
            dns_challenge::option(line, issuer.cname_validation.get_or_insert_default())?;
        }
        _ => return Err(of.unknown(option, OPTIONS)),
    }
    Ok(())
}

/// Caddy 2.11 reads the option's name as its number.
fn validity(option: &Token) -> Diagnostic {
    let message = "`validity_days` is refused by Caddy 2.11, whatever number stands behind it";
    option.error(VALIDITY, message).help("take it away")
}

fn not_a_port(port: &Token) -> Diagnostic {
    let error = port.error(NOT_A_PORT, format!("`{}` is not a port", port.text()));
    error.label("expected a number")
}
