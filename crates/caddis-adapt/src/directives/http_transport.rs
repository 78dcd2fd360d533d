//! `transport http` in the block of `reverse_proxy`: asking an upstream over HTTP.

use caddis_ir::{HttpTransport, Path};
use caddis_source::Code;
use caddis_syntax::Line;

use super::line_values::{number, size, text, time};
use super::{dynamic_upstreams, http_transport_tls, keep_alive, network_proxy};
use crate::{Args, Result, Scope, Token, run_on};

/// The options, without those of TLS, and the field that each becomes.
pub(super) const OPTIONS: &[(&str, &str)] = &[
    ("read_buffer", "read_buffer_size"),
    ("write_buffer", "write_buffer_size"),
    ("max_response_header", "max_response_header_size"),
    ("proxy_protocol", "proxy_protocol"),
    ("forward_proxy_url", "network_proxy"),
    ("network_proxy", "network_proxy"),
    ("dial_timeout", "dial_timeout"),
    ("dial_fallback_delay", "dial_fallback_delay"),
    ("response_header_timeout", "response_header_timeout"),
    ("expect_continue_timeout", "expect_continue_timeout"),
    ("read_timeout", "read_timeout"),
    ("write_timeout", "write_timeout"),
    ("resolvers", "resolver"),
    ("keepalive", "keep_alive"),
    ("keepalive_interval", "keep_alive"),
    ("keepalive_idle_conns", "keep_alive"),
    ("keepalive_idle_conns_per_host", "keep_alive"),
    ("versions", "versions"),
    ("compression", "compression"),
    ("max_conns_per_host", "max_conns_per_host"),
    ("local_address", "local_address"),
];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[
    ("read_buffer", 1),
    ("write_buffer", 1),
    ("read_timeout", 1),
    ("write_timeout", 1),
    ("max_response_header", 1),
    ("proxy_protocol", 1),
    ("forward_proxy_url", 1),
    ("dial_timeout", 1),
    ("dial_fallback_delay", 1),
    ("response_header_timeout", 1),
    ("expect_continue_timeout", 1),
    ("tls_timeout", 1),
    ("tls_server_name", 1),
    ("tls_renegotiation", 1),
    ("keepalive", 1),
    ("keepalive_interval", 1),
    ("keepalive_idle_conns", 1),
    ("keepalive_idle_conns_per_host", 1),
    ("max_conns_per_host", 1),
    ("compression", 1),
    ("local_address", 1),
    ("tls", 0),
];

const VERSIONS: [&str; 4] = ["1.1", "2", "h2c", "3"];

const UNKNOWN_VERSION: Code = Code("reverse_proxy/unknown-version");
const NOT_PROXY_PROTOCOL: Code = Code("reverse_proxy/not-a-proxy-protocol");

/// Reads the lines of the block.
pub(super) fn read(of: &Args<'_>, lines: &[Line], scope: &mut Scope<'_>) -> Result<HttpTransport> {
    let mut transport = HttpTransport::default();
    for line in run_on::lines(lines, TAKES, &names()).iter() {
        option(line, of, &mut transport, scope)?;
    }
    Ok(transport)
}

fn option(
    line: &Line,
    of: &Args<'_>,
    transport: &mut HttpTransport,
    scope: &mut Scope<'_>,
) -> Result<()> {
    let name = line.name().text();
    if let Some((_, field)) = OPTIONS.iter().find(|(known, _)| *known == name) {
        let at = Path::root().key("transport").key(*field);
        scope.origin(&at, line.span());
    }
    match name {
        "read_buffer" => transport.read_buffer_size = size(line, "read_buffer <size>")?,
        "write_buffer" => transport.write_buffer_size = size(line, "write_buffer <size>")?,
        "max_response_header" => {
            transport.max_response_header_size = size(line, "max_response_header <size>")?;
        }
        "proxy_protocol" => transport.proxy_protocol = proxy_protocol(line)?,
        "forward_proxy_url" => transport.network_proxy = Some(network_proxy::forward(line, scope)?),
        "network_proxy" => transport.network_proxy = Some(network_proxy::read(line, scope)?),
        "resolvers" => transport.resolver = Some(dynamic_upstreams::resolver(line)?),
        "versions" => versions(line, transport, scope)?,
        "compression" => compression(line, transport, scope)?,
        "max_conns_per_host" => {
            transport.max_conns_per_host = number(line, "max_conns_per_host <number>")?;
        }
        "local_address" => {
            transport.local_address = text(line, "local_address <address>", "an address")?;
        }
        name if http_transport_tls::OPTIONS.contains(&name) => {
            http_transport_tls::option(line, &mut transport.tls, scope)?;
        }
        name if name.starts_with("keepalive") => keep_alive::option(line, of, transport)?,
        _ => time_limit(line, of, transport)?,
    }
    Ok(())
}

fn time_limit(line: &Line, of: &Args<'_>, transport: &mut HttpTransport) -> Result<()> {
    match line.name().text() {
        "dial_timeout" => transport.dial_timeout = time(line, "dial_timeout <duration>")?,
        "dial_fallback_delay" => {
            transport.dial_fallback_delay = time(line, "dial_fallback_delay <duration>")?;
        }
        "response_header_timeout" => {
            transport.response_header_timeout = time(line, "response_header_timeout <duration>")?;
        }
        "expect_continue_timeout" => {
            transport.expect_continue_timeout = time(line, "expect_continue_timeout <duration>")?;
        }
        "read_timeout" => transport.read_timeout = time(line, "read_timeout <duration>")?,
        "write_timeout" => transport.write_timeout = time(line, "write_timeout <duration>")?,
        _ => return Err(of.unknown(line.name(), &names())),
    }
    Ok(())
}

fn proxy_protocol(line: &Line) -> Result<String> {
    let version = Args::new(line, "proxy_protocol v1 | v2").only("a version")?;
    if ["v1", "v2"].contains(&version.text()) {
        return Ok(version.text().into());
    }
    let message = format!("there is no PROXY protocol `{}`", version.text());
    let error = version.error(NOT_PROXY_PROTOCOL, message);
    Err(error.help("write `v1` or `v2`"))
}

/// Caddy reads any word, and looks for `off` only.
fn compression(line: &Line, transport: &mut HttpTransport, scope: &mut Scope<'_>) -> Result<()> {
    let syntax = "compression off";
    let mut args = Args::new(line, syntax);
    let word = args.optional();
    args.finish()?;
    match word.map(Token::text) {
        Some("off") => transport.compression = Some(false),
        Some(_) => scope.ignored(&Args::new(line, syntax)),
        None => {}
    }
    Ok(())
}

/// A later line takes the place of an earlier one.
fn versions(line: &Line, transport: &mut HttpTransport, scope: &mut Scope<'_>) -> Result<()> {
    let mut args = Args::new(line, "versions <version...>");
    let versions = args.at_least_one("a version of HTTP")?;
    args.finish()?;
    let at = Path::root().key("transport").key("versions");
    for (index, token) in versions.iter().enumerate() {
        scope.origin(&at.index(index), token.span());
    }
    let versions = versions.iter().map(|token| version(token, scope));
    transport.versions = versions.collect();
    Ok(())
}

/// Caddy adapts any word here, and refuses the ones that it does not know when it loads the config.
fn version(token: &Token, scope: &mut Scope<'_>) -> String {
    let text = token.text();
    if !VERSIONS.contains(&text) {
        let message = format!("there is no HTTP version `{text}`");
        scope.report(
            token
                .warning(UNKNOWN_VERSION, message)
                .label("refused when the config is loaded")
                .help("write `1.1`, `2`, `h2c` or `3`"),
        );
    }
    text.into()
}

fn names() -> Vec<&'static str> {
    let tls = http_transport_tls::OPTIONS.iter();
    let names = OPTIONS.iter().map(|(name, _)| name).chain(tls);
    names.copied().collect()
}
