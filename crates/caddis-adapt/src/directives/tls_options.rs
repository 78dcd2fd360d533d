//! The block of `tls`.

use caddis_source::Code;
use caddis_syntax::Line;

use super::tls::{Settings, add_root};
use super::{acme_issuer, certificate_manager, client_auth, dns_challenge, tls_issuer};
use crate::{Args, Result, Scope, Token, read};

/// The options, and those of their blocks.
pub(super) const OPTIONS: &[&str] = &[
    "protocols",
    "ciphers",
    "curves",
    "alpn",
    "load",
    "ca",
    "ca_root",
    "key_type",
    "eab",
    "issuer",
    "get_certificate",
    "client_auth",
    "mode",
    "trust_pool",
    "trusted_ca_cert",
    "trusted_ca_cert_file",
    "trusted_leaf_cert",
    "trusted_leaf_cert_file",
    "verifier",
    "on_demand",
    "reuse_private_keys",
    "renewal_window_ratio",
    "insecure_secrets_log",
    "dns",
    "resolvers",
    "propagation_delay",
    "propagation_timeout",
    "dns_ttl",
    "dns_challenge_override_domain",
];

const PROTOCOLS: [&str; 2] = ["tls1.2", "tls1.3"];

const CIPHERS: &[&str] = &[
    "TLS_AES_128_GCM_SHA256",
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
];

const CURVES: &[&str] = &[
    "secp256r1",
    "secp384r1",
    "secp521r1",
    "x25519",
    "x25519mlkem768",
];

const NOT_A_PROTOCOL: Code = Code("tls/not-a-protocol");
const NOT_A_CIPHER: Code = Code("tls/not-a-cipher");
const NOT_A_CURVE: Code = Code("tls/not-a-curve");

/// Reads one line of the block.
pub(super) fn option<'a>(
    line: &'a Line,
    of: &Args<'_>,
    settings: &mut Settings<'a>,
    scope: &mut Scope<'_>,
) -> Result<()> {
    let field = match line.name().text() {
        "issuer" => {
            let mut args = Args::new(line, "issuer internal | acme [<url>] | zerossl <key>");
            let issuer = tls_issuer::read(&mut args)?;
            scope.ignored(&args);
            settings.issuers.push((issuer, line.span()));
            "issuers"
        }
        "load" => {
            let mut args = Args::new(line, "load <folder...>");
            let folders = args.rest().iter().map(|word| word.text().into());
            settings.folders.extend(folders);
            args.finish()?;
            "load_folders"
        }
        name => match connections(line, name, settings, scope)? {
            Some(field) => field,
            None => match automation(line, name, settings, scope)? {
                Some(field) => field,
                None => return Err(of.unknown(line.name(), OPTIONS)),
            },
        },
    };
    settings.places.push((field, line.span()));
    Ok(())
}

/// What becomes a field of the connection policy.
fn connections(
    line: &Line,
    name: &str,
    settings: &mut Settings<'_>,
    scope: &mut Scope<'_>,
) -> Result<Option<&'static str>> {
    let policy = &mut settings.policy;
    Ok(Some(match name {
        "protocols" => {
            protocols(line, settings, scope)?;
            "protocol_min"
        }
        "ciphers" => {
            let known = ("a cipher that caddis knows", CIPHERS, NOT_A_CIPHER);
            policy
                .cipher_suites
                .extend(words(line, "ciphers <name...>", known)?);
            "cipher_suites"
        }
        "curves" => {
            let known = ("a curve that caddis knows", CURVES, NOT_A_CURVE);
            policy
                .curves
                .extend(words(line, "curves <name...>", known)?);
            "curves"
        }
        "alpn" => {
            let mut args = Args::new(line, "alpn <protocol...>");
            let names = args.at_least_one("a protocol")?.iter();
            policy.alpn = names.map(|word| word.text().into()).collect();
            args.finish()?;
            "alpn"
        }
        "client_auth" => {
            policy.client_authentication = Some(client_auth::read(line, scope)?);
            "client_authentication"
        }
        "insecure_secrets_log" => {
            let file = Args::new(line, "insecure_secrets_log <file>").only("a file")?;
            policy.insecure_secrets_log = file.text().into();
            "insecure_secrets_log"
        }
        _ => return Ok(None),
    }))
}

/// What becomes a field of the automation policy, or of its issuers.
fn automation<'a>(
    line: &'a Line,
    name: &str,
    settings: &mut Settings<'a>,
    scope: &mut Scope<'_>,
) -> Result<Option<&'static str>> {
    Ok(Some(match name {
        "ca" => {
            let url = Args::new(line, "ca <url>").only("the URL of an ACME directory")?;
            settings.acme.get_or_insert_default().ca = url.text().into();
            "issuers"
        }
        "ca_root" => {
            let file = Args::new(line, "ca_root <file>").only("a file")?;
            add_root(settings.acme.get_or_insert_default(), file.text());
            "issuers"
        }
        "eab" => {
            let account = acme_issuer::external_account(line)?;
            settings.acme.get_or_insert_default().external_account = Some(account);
            "issuers"
        }
        "key_type" => {
            let kind = Args::new(line, "key_type <type>").only("a type of key")?;
            settings.key_type = Some(read::key_type(kind)?);
            "key_type"
        }
        "on_demand" => {
            Args::new(line, "on_demand").finish()?;
            settings.on_demand = true;
            "on_demand"
        }
        "reuse_private_keys" => {
            Args::new(line, "reuse_private_keys").finish()?;
            settings.reuse_private_keys = true;
            "reuse_private_keys"
        }
        "renewal_window_ratio" => {
            let ratio = Args::new(line, "renewal_window_ratio <ratio>").only("a ratio")?;
            settings.renewal_window_ratio = Some(read::part(ratio)?);
            "renewal_window_ratio"
        }
        "get_certificate" => {
            let mut args = Args::new(line, "get_certificate http <url> | tailscale");
            settings
                .managers
                .push(certificate_manager::read(&mut args)?);
            scope.ignored(&args);
            "get_certificate"
        }
        "dns" => {
            dns_challenge::provider(line, &mut settings.dns)?;
            "issuers"
        }
        _ => {
            if !dns_challenge::option(line, &mut settings.dns)? {
                return Ok(None);
            }
            settings.dns_options.push(line.name());
            "issuers"
        }
    }))
}

fn protocols(line: &Line, settings: &mut Settings<'_>, scope: &mut Scope<'_>) -> Result<()> {
    let mut args = Args::new(line, "protocols <oldest> [<newest>]");
    let policy = &mut settings.policy;
    policy.protocol_min = protocol(args.required("the oldest protocol")?)?;
    if let Some(newest) = args.optional() {
        policy.protocol_max = protocol(newest)?;
    }
    // Behind a word too many, Caddy looks at no block.
    if args.left() == 0 {
        args.finish()?;
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

/// Words of a list; what they are, which there are, and the code of an error.
type Known = (&'static str, &'static [&'static str], Code);

fn words(line: &Line, syntax: &'static str, known: Known) -> Result<Vec<String>> {
    let (what, known, code) = known;
    let mut args = Args::new(line, syntax);
    let mut words = Vec::new();
    for word in args.rest() {
        let text = word.text();
        if !known.contains(&text) {
            let error = word.error(code, format!("`{text}` is not {what}"));
            return Err(match caddis_source::suggest(text, known.iter().copied()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help(format!("write some of {}", known.join(", "))),
            });
        }
        words.push(text.to_owned());
    }
    args.finish()?;
    Ok(words)
}
