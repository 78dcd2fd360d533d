//! `client_auth` in the block of `tls`: what clients have to show.

use caddis_ir::{CaPool, ClientAuthentication, LeafLoader, Verifier};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use super::trust_pool;
use crate::{Args, Result, Scope, Token, run_on};

pub(super) const OPTIONS: &[&str] = &[
    "mode",
    "trust_pool",
    "trusted_ca_cert",
    "trusted_ca_cert_file",
    "trusted_leaf_cert",
    "trusted_leaf_cert_file",
    "verifier",
];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[
    ("trusted_ca_cert", 1),
    ("trusted_leaf_cert", 1),
    ("trusted_ca_cert_file", 1),
    ("trusted_leaf_cert_file", 1),
];

const MODES: &[&str] = &[
    "request",
    "require",
    "verify_if_given",
    "require_and_verify",
];

const LOADERS: &[&str] = &["file", "folder", "pem"];

const NOT_A_MODE: Code = Code("tls/not-a-mode");
const TWO_WAYS: Code = Code("tls/two-pools");
const UNKNOWN_VERIFIER: Code = Code("tls/unknown-verifier");
const UNKNOWN_LOADER: Code = Code("tls/unknown-loader");

/// What is being read, and whether the pool comes from `trust_pool`.
#[derive(Default)]
struct Settings {
    client: ClientAuthentication,
    pool: bool,
}

/// Reads the line and its block.
pub(super) fn read(line: &Line, scope: &mut Scope<'_>) -> Result<ClientAuthentication> {
    let mut args = Args::new(line, "client_auth { mode <mode>  trust_pool <pool> … }");
    let mut settings = Settings::default();
    for line in run_on::lines(args.options(), TAKES, OPTIONS).iter() {
        option(line, &args, &mut settings, scope)?;
    }
    scope.ignored(&args);
    Ok(settings.client)
}

fn option(
    line: &Line,
    of: &Args<'_>,
    settings: &mut Settings,
    scope: &mut Scope<'_>,
) -> Result<()> {
    let name = line.name();
    match name.text() {
        "mode" => settings.client.mode = mode(line, scope)?,
        "trust_pool" => {
            if settings.client.ca.is_some() && !settings.pool {
                return Err(two_ways(name));
            }
            let mut args = Args::new(line, "trust_pool <pool> …");
            settings.client.ca = Some(trust_pool::read(&mut args)?);
            settings.pool = true;
            scope.ignored(&args);
        }
        "trusted_ca_cert" => {
            let certificate = Args::new(line, "trusted_ca_cert <DER in base 64>");
            let certificate = only(certificate, "a certificate")?.text().into();
            inline(name, settings)?.push(certificate);
        }
        "trusted_ca_cert_file" => {
            let file = only(Args::new(line, "trusted_ca_cert_file <file>"), "a file")?;
            let certificates = scope.certificates_in(file)?;
            inline(name, settings)?.extend(certificates);
        }
        "trusted_leaf_cert" => {
            let certificate = Args::new(line, "trusted_leaf_cert <DER in base 64>");
            let certificate = only(certificate, "a certificate")?.text().into();
            settings.client.trusted_leaf_certs.push(certificate);
        }
        "trusted_leaf_cert_file" => {
            let file = only(Args::new(line, "trusted_leaf_cert_file <file>"), "a file")?;
            let certificates = scope.certificates_in(file)?;
            settings.client.trusted_leaf_certs.extend(certificates);
        }
        "verifier" => settings.client.verifiers.push(verifier(line, scope)?),
        _ => return Err(of.unknown(name, OPTIONS)),
    }
    Ok(())
}

fn only<'a>(mut args: Args<'a>, what: &str) -> Result<&'a Token> {
    args.only(what)
}

/// The certificates of the pool that stands in the config.
fn inline<'a>(name: &Token, settings: &'a mut Settings) -> Result<&'a mut Vec<String>> {
    let pool = settings.client.ca.get_or_insert(CaPool::Inline {
        trusted_ca_certs: Vec::new(),
    });
    match pool {
        CaPool::Inline { trusted_ca_certs } if !settings.pool => Ok(trusted_ca_certs),
        CaPool::Combined { .. }
        | CaPool::File { .. }
        | CaPool::Http { .. }
        | CaPool::Inline { .. }
        | CaPool::PkiIntermediate { .. }
        | CaPool::PkiRoot { .. }
        | CaPool::Storage { .. }
        | CaPool::System {} => Err(two_ways(name)),
    }
}

fn two_ways(name: &Token) -> Diagnostic {
    let message = "`trust_pool` and `trusted_ca_cert` both say who may have signed";
    name.error(TWO_WAYS, message)
        .label("said in another way above")
        .help("write `trust_pool` alone: `trust_pool file <file>`, or `trust_pool inline { trust_der <DER> }`")
}

/// Caddy adapts every word, and refuses to run what is no mode.
fn mode(line: &Line, scope: &mut Scope<'_>) -> Result<String> {
    let token = only(Args::new(line, "mode <mode>"), "a mode")?;
    let text = token.text();
    if !MODES.contains(&text) && !text.contains('{') {
        let message = format!("`{text}` is not a mode of asking for certificates");
        let error = token.error(NOT_A_MODE, message).as_warning();
        scope.report(
            error
                .label("expected another word")
                .help(format!("write {}", MODES.join(", "))),
        );
    }
    Ok(text.into())
}

fn verifier(line: &Line, scope: &mut Scope<'_>) -> Result<Verifier> {
    let mut args = Args::new(
        line,
        "verifier leaf [<loader> <what...>] [{ <loader> <what...> }]",
    );
    let name = args.required("the name of a verifier")?;
    if name.text() != "leaf" {
        let message = format!("there is no verifier `{}`", name.text());
        let error = name.error(UNKNOWN_VERIFIER, message);
        return Err(error.help("the only one is `leaf`; caddis has no plugins"));
    }
    let leaf_certs_loaders = loaders(&mut args, scope)?;
    scope.ignored(&args);
    Ok(Verifier::Leaf { leaf_certs_loaders })
}

/// Those of the block, or the one on the line: with a loader alone on the line, Caddy sees neither.
fn loaders(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Vec<LeafLoader>> {
    match args.left() {
        0 => {
            let mut loaders = Vec::new();
            for line in args.options() {
                let mut own = Args::new(line, "<loader> <what...>");
                loaders.push(loader(line.name(), own.rest())?);
                scope.ignored(&own);
            }
            Ok(loaders)
        }
        1 => Ok(Vec::new()),
        _ => {
            let name = args.required("the name of a loader")?;
            Ok(vec![loader(name, args.rest())?])
        }
    }
}

fn loader(name: &Token, words: &[Token]) -> Result<LeafLoader> {
    let words = words.iter().map(|word| word.text().to_owned()).collect();
    match name.text() {
        "file" => Ok(LeafLoader::File { files: words }),
        "folder" => Ok(LeafLoader::Folder { folders: words }),
        "pem" => Ok(LeafLoader::Pem {
            certificates: words,
        }),
        other => {
            let message = format!("certificates cannot be loaded by `{other}` here");
            let error = name.error(UNKNOWN_LOADER, message);
            Err(if other == "storage" {
                error.help(
                    "in a Caddyfile, Caddy refuses this one too: write a `file` or a `folder`",
                )
            } else {
                error.help(format!("the loaders are {}", LOADERS.join(", ")))
            })
        }
    }
}
