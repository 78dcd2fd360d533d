//! `network_proxy` in the block of `transport http`: a proxy between us and an upstream.

use caddis_ir::NetworkProxy;
use caddis_source::{Code, Diagnostic, suggest};
use caddis_syntax::Line;

use super::health_checks::old_name;
use super::line_values::text;
use crate::{Args, Result, Scope, Token};

const UNKNOWN: Code = Code("reverse_proxy/unknown-network-proxy");
const NO_URL: Code = Code("reverse_proxy/no-proxy-url");

/// Reads `network_proxy none`, `network_proxy url <URL>`.
pub(super) fn read(line: &Line, scope: &mut Scope<'_>) -> Result<NetworkProxy> {
    let mut args = Args::new(line, "network_proxy none | url <URL>");
    let kind = args.required("`none` or `url`")?;
    let proxy = match kind.text() {
        "none" => NetworkProxy::None {},
        "url" => NetworkProxy::Url {
            url: url(kind, &mut args, scope),
        },
        _ => return Err(unknown(kind)),
    };
    scope.ignored(&args);
    Ok(proxy)
}

fn unknown(kind: &Token) -> Diagnostic {
    let message = format!("there is no network proxy `{}`", kind.text());
    let error = kind.error(UNKNOWN, message);
    match suggest(kind.text(), ["none", "url"]) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!("write `network_proxy url {}`", kind.text())),
    }
}

/// Where the address is missing, Caddy takes the word that it has just read, or the brace of the block.
fn url(kind: &Token, args: &mut Args<'_>, scope: &mut Scope<'_>) -> String {
    if let Some(url) = args.optional() {
        return url.text().into();
    }
    let block = args.line().block.as_ref();
    let taken = if block.is_some_and(|block| !block.lines.is_empty()) {
        "{"
    } else {
        kind.text()
    };
    let warning = kind.warning(NO_URL, "the address of the proxy is missing");
    let warning = warning.label(format!("Caddy takes `{taken}` for it"));
    scope.report(args.with_usage(warning));
    taken.into()
}

/// Reads `forward_proxy_url <URL>`, the old form of `network_proxy url`.
pub(super) fn forward(line: &Line, scope: &mut Scope<'_>) -> Result<NetworkProxy> {
    let url = text(line, "forward_proxy_url <URL>", "the URL of a proxy")?;
    scope.report(old_name(line.name(), "network_proxy url"));
    Ok(NetworkProxy::Url { url })
}
