//! The block of `tls`.

use caddis_source::Code;
use caddis_syntax::Line;

use super::tls::{Settings, add_root};
use super::tls_issuer;
use crate::{Args, Result, Scope, Token, read};

/// The options that are there.
pub(super) const OPTIONS: &[&str] = &[
    "protocols",
    "issuer",
    "ca",
    "ca_root",
    "key_type",
    "on_demand",
];

/// The options of Caddy that are not there yet.
const NOT_YET: &[&str] = &[
    "alpn",
    "ciphers",
    "client_auth",
    "curves",
    "dns",
    "dns_challenge_override_domain",
    "dns_ttl",
    "eab",
    "get_certificate",
    "insecure_secrets_log",
    "load",
    "propagation_delay",
    "propagation_timeout",
    "renewal_window_ratio",
    "resolvers",
    "reuse_private_keys",
];

const PROTOCOLS: [&str; 2] = ["tls1.2", "tls1.3"];

const NOT_A_PROTOCOL: Code = Code("tls/not-a-protocol");

/// Reads one line of the block.
pub(super) fn option(
    line: &Line,
    of: &Args<'_>,
    settings: &mut Settings,
    scope: &mut Scope<'_>,
) -> Result<()> {
    let name = line.name();
    match name.text() {
        "protocols" => protocols(line, settings, scope)?,
        "issuer" => {
            let mut args = Args::new(line, "issuer internal | acme [<url>]");
            let issuer = tls_issuer::read(&mut args)?;
            scope.ignored(&args);
            settings.issuers.push((issuer, line.span()));
        }
        "ca" => {
            let url = Args::new(line, "ca <url>").only("the URL of an ACME directory")?;
            settings.acme.get_or_insert_default().ca = url.text().into();
        }
        "ca_root" => {
            let file = Args::new(line, "ca_root <file>").only("a file")?;
            add_root(settings.acme.get_or_insert_default(), file.text());
        }
        "key_type" => {
            let kind = Args::new(line, "key_type <type>").only("a type of key")?;
            settings.key_type = Some(read::key_type(kind)?);
        }
        "on_demand" => {
            Args::new(line, "on_demand").finish()?;
            settings.on_demand = true;
        }
        other if NOT_YET.contains(&other) => return Err(of.not_yet(name)),
        _ => return Err(of.unknown(name, OPTIONS)),
    }
    Ok(())
}

fn protocols(line: &Line, settings: &mut Settings, scope: &mut Scope<'_>) -> Result<()> {
    let mut args = Args::new(line, "protocols <oldest> [<newest>]");
    let policy = &mut settings.policy;
    policy.protocol_min = protocol(args.required("the oldest protocol")?)?;
    if let Some(newest) = args.optional() {
        policy.protocol_max = protocol(newest)?;
    }
    scope.ignored(&args);
    Ok(())
}

fn protocol(token: &Token) -> Result<String> {
    let text = token.text();
    if PROTOCOLS.contains(&text) {
        return Ok(text.into());
    }
    let message = format!("`{text}` is not a version of TLS that caddis speaks");
    Err(token
        .error(NOT_A_PROTOCOL, message)
        .label("expected `tls1.2` or `tls1.3`")
        .help("leave the option out to allow both"))
}
