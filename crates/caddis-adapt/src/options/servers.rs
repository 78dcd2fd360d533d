//! `servers`: limits, time-outs, protocols and trusted proxies of servers.

use caddis_ir::{Duration, IpSource};
use caddis_source::Code;
use caddis_syntax::Line;

use super::{GlobalOption, Options, ServerOptions};
use crate::matchers::add_ip_range;
use crate::scope::State;
use crate::{Args, Result, Token, read};

const NO_LISTENER: Code = Code("servers/no-listener");
const PROTOCOL: Code = Code("servers/not-a-protocol");
const STRICT_SNI: Code = Code("servers/not-on-or-off");
const IP_SOURCE: Code = Code("servers/not-an-ip-source");

const SUBDIRECTIVES: &[&str] = &[
    "client_ip_headers",
    "keepalive_interval",
    "max_header_size",
    "name",
    "protocols",
    "strict_sni_host",
    "timeouts",
    "trusted_proxies",
    "trusted_proxies_strict",
];

/// Those of Caddy that are not there yet.
const NOT_YET: &[&str] = &[
    "0rtt",
    "enable_full_duplex",
    "keepalive_count",
    "keepalive_idle",
    "listener_wrappers",
    "log_credentials",
    "metrics",
    "packet_conn_wrappers",
    "trace",
    "trusted_proxies_unix",
];

const TIMEOUTS: &[&str] = &["idle", "read_body", "read_header", "write"];

const PROTOCOLS: &[&str] = &["h1", "h2", "h2c", "h3"];

pub(super) const SERVERS: GlobalOption = GlobalOption {
    name: "servers",
    summary: "Limits, time-outs, protocols and trusted proxies of all servers, or of those at one address.",
    syntax: "servers [<listener address>] { <options...> }",
    subdirectives: SUBDIRECTIVES,
    examples: &[
        "servers {\n\tprotocols h1 h2\n}",
        "servers :443 {\n\ttrusted_proxies static private_ranges\n}",
    ],
    read: servers,
};

fn servers(args: &mut Args<'_>, options: &mut Options, state: &mut State) -> Result<()> {
    let listener = args.optional().map_or("", Token::text);
    let mut servers = ServerOptions::new(listener, args.span());
    let lines = args.options();
    args.finish()?;
    for line in lines {
        if let Err(error) = suboption(line, args, &mut servers) {
            state.diagnostics.push(error);
        }
    }
    options.servers.push(servers);
    Ok(())
}

fn suboption(line: &Line, args: &Args<'_>, servers: &mut ServerOptions) -> Result<()> {
    let mut own = Args::new(line, "");
    match line.name().text() {
        "name" => servers.name = Some(name(&mut own, servers)?),
        "timeouts" => timeouts(&mut own, servers)?,
        "keepalive_interval" => servers.keepalive_interval = duration(&mut own)?,
        "max_header_size" => {
            let size = read::size(own.required("a size")?)?;
            servers.max_header_bytes = Some(size).filter(|size| *size != 0);
        }
        "protocols" => protocols(&mut own, servers)?,
        "strict_sni_host" => servers.strict_sni_host = Some(strict_sni_host(&mut own)?),
        "trusted_proxies" => servers.trusted_proxies = Some(trusted_proxies(&mut own)?),
        "trusted_proxies_strict" => servers.trusted_proxies_strict = true,
        "client_ip_headers" => client_ip_headers(&mut own, servers)?,
        other if NOT_YET.contains(&other) => return Err(args.not_yet(line.name())),
        _ => return Err(args.unknown(line.name(), SUBDIRECTIVES)),
    }
    own.finish()
}

fn name(own: &mut Args<'_>, servers: &ServerOptions) -> Result<(String, caddis_source::Span)> {
    let name = own.required("a name")?;
    if servers.listener.is_empty() {
        return Err(name
            .error(NO_LISTENER, "a name needs a listener address")
            .label("would be the name of every server")
            .help("write `servers :443 { … }`"));
    }
    Ok((name.text().into(), name.span()))
}

fn timeouts(own: &mut Args<'_>, servers: &mut ServerOptions) -> Result<()> {
    for line in own.options() {
        let mut inner = Args::new(line, "");
        let target = match line.name().text() {
            "read_body" => &mut servers.read_timeout,
            "read_header" => &mut servers.read_header_timeout,
            "write" => &mut servers.write_timeout,
            "idle" => &mut servers.idle_timeout,
            _ => return Err(own.unknown(line.name(), TIMEOUTS)),
        };
        *target = duration(&mut inner)?;
        inner.finish()?;
    }
    Ok(())
}

/// A duration; nothing for zero, as Caddy writes it.
fn duration(own: &mut Args<'_>) -> Result<Option<Duration>> {
    let duration = read::duration(own.required("a duration")?)?;
    Ok(Some(duration).filter(|duration| duration.0 != 0))
}

fn protocols(own: &mut Args<'_>, servers: &mut ServerOptions) -> Result<()> {
    for word in own.rest() {
        if !PROTOCOLS.contains(&word.text()) {
            let message = format!("`{}` is not a protocol", word.text());
            let error = word.error(PROTOCOL, message);
            return Err(error.help(format!("the protocols are {}", PROTOCOLS.join(", "))));
        }
        if servers.protocols.iter().any(|known| known == word.text()) {
            return Err(own.twice(word));
        }
        servers.protocols.push(word.text().into());
    }
    Ok(())
}

fn strict_sni_host(own: &mut Args<'_>) -> Result<bool> {
    match own.optional() {
        None => Ok(true),
        Some(word) => match word.text() {
            "on" => Ok(true),
            "insecure_off" => Ok(false),
            other => Err(word
                .error(
                    STRICT_SNI,
                    format!("`{other}` is not `on` or `insecure_off`"),
                )
                .help("write `strict_sni_host on` or `strict_sni_host insecure_off`")),
        },
    }
}

fn trusted_proxies(own: &mut Args<'_>) -> Result<IpSource> {
    let source = own.required("where the addresses come from: `static`, and the addresses")?;
    if source.text() != "static" {
        let message = format!("there is no source of addresses `{}`", source.text());
        let error = source.error(IP_SOURCE, message).label("not there");
        return Err(error.help("write `trusted_proxies static <addresses...>`"));
    }
    let mut ranges = Vec::new();
    for word in own.rest() {
        add_ip_range(word, &mut ranges);
    }
    Ok(IpSource::Static { ranges })
}

fn client_ip_headers(own: &mut Args<'_>, servers: &mut ServerOptions) -> Result<()> {
    for word in own.rest() {
        if servers
            .client_ip_headers
            .iter()
            .any(|known| known == word.text())
        {
            return Err(own.twice(word));
        }
        servers.client_ip_headers.push(word.text().into());
    }
    Ok(())
}
