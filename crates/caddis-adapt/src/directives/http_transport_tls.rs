//! `tls` and the like in the block of `transport http`: asking an upstream over TLS.

use caddis_ir::{Path, UpstreamTls};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use super::health_checks::old_name;
use super::line_values::{text, texts, time, word};
use super::trust_pool;
use crate::{Args, Result, Scope, Token};

pub(super) const OPTIONS: &[&str] = &[
    "tls",
    "tls_client_auth",
    "tls_insecure_skip_verify",
    "tls_curves",
    "tls_timeout",
    "tls_trusted_ca_certs",
    "tls_server_name",
    "tls_renegotiation",
    "tls_except_ports",
    "tls_trust_pool",
];

const TWO_POOLS: Code = Code("reverse_proxy/two-trust-pools");

/// Reads a line that starts with one of the options; each of them turns TLS on.
pub(super) fn option(
    line: &Line,
    tls: &mut Option<UpstreamTls>,
    scope: &mut Scope<'_>,
) -> Result<()> {
    note(line, scope);
    let tls = tls.get_or_insert_default();
    match line.name().text() {
        "tls" => word(line, "tls")?,
        "tls_client_auth" => client_auth(line, tls)?,
        "tls_insecure_skip_verify" => {
            word(line, "tls_insecure_skip_verify")?;
            tls.insecure_skip_verify = true;
        }
        "tls_curves" => tls.curves = texts(line, "tls_curves <curve...>", "a curve")?,
        "tls_timeout" => tls.handshake_timeout = time(line, "tls_timeout <duration>")?,
        "tls_trusted_ca_certs" => trusted_ca_certs(line, tls, scope)?,
        "tls_server_name" => {
            tls.server_name = text(line, "tls_server_name <name>", "the name of a server")?;
        }
        "tls_renegotiation" => tls.renegotiation = trust_pool::renegotiation(line)?,
        "tls_except_ports" => {
            tls.except_ports = texts(line, "tls_except_ports <port...>", "a port")?
        }
        _ => pool(line, tls)?,
    }
    Ok(())
}

/// Where the field stands that the line becomes.
fn note(line: &Line, scope: &mut Scope<'_>) {
    let at = Path::root().key("transport").key("tls");
    scope.origin(&at, line.span());
    let fields: &[&str] = match line.name().text() {
        "tls_client_auth" if line.words.len() > 2 => {
            &["client_certificate_file", "client_certificate_key_file"]
        }
        "tls_client_auth" => &["client_certificate_automate"],
        "tls_insecure_skip_verify" => &["insecure_skip_verify"],
        "tls_curves" => &["curves"],
        "tls_timeout" => &["handshake_timeout"],
        "tls_trusted_ca_certs" => &["root_ca_pem_files"],
        "tls_server_name" => &["server_name"],
        "tls_renegotiation" => &["renegotiation"],
        "tls_except_ports" => &["except_ports"],
        "tls_trust_pool" => &["ca"],
        _ => &[],
    };
    for field in fields {
        scope.origin(&at.key(*field), line.span());
    }
}

/// A certificate and its key, or the name of a managed one.
fn client_auth(line: &Line, tls: &mut UpstreamTls) -> Result<()> {
    let mut args = Args::new(line, "tls_client_auth <certificate> <key> | <name>");
    let first = args
        .required("a certificate and its key, or a name")?
        .text();
    let key = args.optional().map(Token::text);
    args.finish()?;
    match key {
        Some(key) => {
            tls.client_certificate_file = first.into();
            tls.client_certificate_key_file = key.into();
        }
        None => tls.client_certificate_automate = first.into(),
    }
    Ok(())
}

fn trusted_ca_certs(line: &Line, tls: &mut UpstreamTls, scope: &mut Scope<'_>) -> Result<()> {
    let files = texts(line, "tls_trusted_ca_certs <file...>", "a file in PEM")?;
    if tls.ca.is_some() {
        return Err(two_pools(line.name()));
    }
    scope.report(old_name(line.name(), "tls_trust_pool file"));
    tls.root_ca_pem_files = files;
    Ok(())
}

fn pool(line: &Line, tls: &mut UpstreamTls) -> Result<()> {
    let mut args = Args::new(line, "tls_trust_pool <pool> …");
    let pool = trust_pool::read(&mut args)?;
    if tls.ca.is_some() || !tls.root_ca_pem_files.is_empty() {
        return Err(two_pools(line.name()));
    }
    tls.ca = Some(pool);
    Ok(())
}

fn two_pools(name: &Token) -> Diagnostic {
    let message = "whom to believe is said twice";
    let error = name.error(TWO_POOLS, message);
    error.help("write one `tls_trust_pool`, `combined` for several sources")
}
