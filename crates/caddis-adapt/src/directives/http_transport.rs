//! `transport http` in the block of `reverse_proxy`: how an upstream is asked.

use caddis_ir::{Duration, HttpTransport};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use crate::{Args, Result, Scope, Token, read};

const OPTIONS: &[&str] = &[
    "dial_timeout",
    "response_header_timeout",
    "read_timeout",
    "write_timeout",
    "tls",
    "versions",
];

/// The options of Caddy that are not there yet.
const OPTIONS_NOT_YET: &[&str] = &[
    "compression",
    "dial_fallback_delay",
    "expect_continue_timeout",
    "forward_proxy_url",
    "keepalive",
    "keepalive_idle_conns",
    "keepalive_idle_conns_per_host",
    "keepalive_interval",
    "local_address",
    "max_conns_per_host",
    "max_response_header",
    "network_proxy",
    "proxy_protocol",
    "read_buffer",
    "resolvers",
    "tls_client_auth",
    "tls_curves",
    "tls_except_ports",
    "tls_insecure_skip_verify",
    "tls_renegotiation",
    "tls_server_name",
    "tls_timeout",
    "tls_trust_pool",
    "tls_trusted_ca_certs",
    "write_buffer",
];

const VERSIONS: [&str; 3] = ["1.1", "2", "h2c"];

const NOT_YET: Code = Code("reverse_proxy/not-yet");
const UNKNOWN_TRANSPORT: Code = Code("reverse_proxy/unknown-transport");
const UNKNOWN_VERSION: Code = Code("reverse_proxy/unknown-version");

/// Reads `transport http { … }`.
pub(super) fn read(line: &Line, scope: &mut Scope<'_>) -> Result<HttpTransport> {
    let mut args = Args::new(line, "transport http { … }");
    let name = args.required("the name of a transport")?;
    if name.text() != "http" {
        return Err(other(name));
    }
    let mut transport = HttpTransport::default();
    for line in args.options() {
        option(line, &args, &mut transport, scope)?;
    }
    scope.ignored(&args);
    Ok(transport)
}

fn other(name: &Token) -> Diagnostic {
    if name.text() == "fastcgi" {
        return name
            .error(
                NOT_YET,
                "`fastcgi` is a transport of Caddy that caddis does not have yet",
            )
            .label("not there yet");
    }
    name.error(
        UNKNOWN_TRANSPORT,
        format!("there is no transport `{}`", name.text()),
    )
    .help("write `transport http`")
}

fn option(
    line: &Line,
    of: &Args<'_>,
    transport: &mut HttpTransport,
    scope: &mut Scope<'_>,
) -> Result<()> {
    let name = line.name();
    match name.text() {
        "dial_timeout" => transport.dial_timeout = time(line)?,
        "response_header_timeout" => transport.response_header_timeout = time(line)?,
        "read_timeout" => transport.read_timeout = time(line)?,
        "write_timeout" => transport.write_timeout = time(line)?,
        "tls" => {
            Args::new(line, "tls").finish()?;
            transport.tls.get_or_insert_default();
        }
        "versions" => {
            let mut args = Args::new(line, "versions <version...>");
            let versions = args.at_least_one("a version of HTTP")?;
            let versions = versions.iter().map(|token| version(token, scope));
            transport.versions = versions.collect::<Result<_>>()?;
            args.finish()?;
        }
        other if OPTIONS_NOT_YET.contains(&other) => return Err(of.not_yet(name)),
        _ => return Err(of.unknown(name, OPTIONS)),
    }
    Ok(())
}

fn time(line: &Line) -> Result<Option<Duration>> {
    let token = Args::new(line, "").only("a duration")?;
    Ok(Some(read::duration(token)?).filter(|time| time.0 != 0))
}

/// Caddy takes any word here and leaves aside the ones that it does not know.
fn version(token: &Token, scope: &mut Scope<'_>) -> Result<String> {
    let text = token.text();
    if text == "3" {
        return Err(token
            .error(NOT_YET, "caddis does not have HTTP/3 to upstreams yet")
            .label("not there yet"));
    }
    if !VERSIONS.contains(&text) {
        let message = format!("there is no HTTP version `{text}`");
        scope.report(
            token
                .warning(UNKNOWN_VERSION, message)
                .label("expected `1.1`, `2` or `h2c`"),
        );
    }
    Ok(text.into())
}
