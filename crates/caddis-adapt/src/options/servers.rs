//! `servers`: limits, time-outs, protocols and trusted proxies of servers.

use caddis_ir::{Duration, IpSource, Metrics, Server};
use caddis_source::{Code, Diagnostic, Span};
use caddis_syntax::Line;

use super::{GlobalOption, Options, ServerOptions, wrappers};
use crate::matchers::add_ip_range;
use crate::routes::warn_of_ignored;
use crate::scope::State;
use crate::{Args, Result, Token, read, run_on};

const NO_LISTENER: Code = Code("servers/no-listener");
const PROTOCOL: Code = Code("servers/not-a-protocol");
const STRICT_SNI: Code = Code("servers/not-on-or-off");
const NOT_A_COUNT: Code = Code("servers/not-a-count");
const NOT_OFF: Code = Code("option/not-off");
const DEPRECATED: Code = Code("servers/deprecated");
const IP_SOURCE: Code = Code("servers/not-an-ip-source");

const SUBDIRECTIVES: &[&str] = &[
    "0rtt",
    "client_ip_headers",
    "enable_full_duplex",
    "keepalive_count",
    "keepalive_idle",
    "keepalive_interval",
    "listener_wrappers",
    "log_credentials",
    "max_header_size",
    "metrics",
    "name",
    "packet_conn_wrappers",
    "protocols",
    "strict_sni_host",
    "timeouts",
    "trace",
    "trusted_proxies",
    "trusted_proxies_strict",
    "trusted_proxies_unix",
];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[
    ("name", 1),
    ("keepalive_count", 1),
    ("keepalive_idle", 1),
    ("keepalive_interval", 1),
    ("strict_sni_host on", 1),
    ("strict_sni_host insecure_off", 1),
    ("0rtt", 1),
    ("listener_wrappers", 0),
    ("metrics", 0),
    ("packet_conn_wrappers", 0),
    ("timeouts", 0),
];

const TIMEOUTS: &[&str] = &["idle", "read_body", "read_header", "write"];

/// How many words an option takes, where another one may follow.
const WORDS_OF_TIMEOUTS: &[(&str, usize)] = &[
    ("idle", 1),
    ("read_body", 1),
    ("read_header", 1),
    ("write", 1),
];

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
    let lines = run_on::lines(args.options(), TAKES, SUBDIRECTIVES);
    args.finish()?;
    for line in lines.iter() {
        if let Err(error) = suboption(line, args, &mut servers, &mut state.diagnostics) {
            state.diagnostics.push(error);
        }
    }
    options.servers.push(servers);
    Ok(())
}

fn suboption(
    line: &Line,
    args: &Args<'_>,
    servers: &mut ServerOptions,
    found: &mut Vec<Diagnostic>,
) -> Result<()> {
    let mut own = Args::new(line, syntax(line.name()));
    let settings = &mut servers.settings;
    let key = match line.name().text() {
        "name" => {
            servers.name = name(&mut own, &servers.listener)?;
            return own.finish();
        }
        "timeouts" => {
            timeouts(&mut own, servers)?;
            return own.finish();
        }
        "keepalive_interval" => {
            settings.keepalive_interval = duration(&mut own)?;
            "keepalive_interval"
        }
        "keepalive_idle" => {
            settings.keepalive_idle = duration(&mut own)?;
            "keepalive_idle"
        }
        "keepalive_count" => {
            settings.keepalive_count = probes(own.required("a number of probes")?)?;
            "keepalive_count"
        }
        "max_header_size" => {
            let size = read::size(own.required("a size")?)?;
            settings.max_header_bytes = Some(size).filter(|size| *size != 0);
            "max_header_bytes"
        }
        "protocols" => {
            protocols(&mut own, &mut settings.protocols)?;
            "protocols"
        }
        "0rtt" => {
            settings.allow_0rtt = Some(early_data(own.required("`off`")?)?);
            "allow_0rtt"
        }
        _ => switch_or_list(&mut own, args, settings, found)?,
    };
    servers.places.push((key, line.span()));
    own.finish()
}

/// The suboptions that stand alone, and those that have a list or a block.
fn switch_or_list(
    own: &mut Args<'_>,
    args: &Args<'_>,
    settings: &mut Server,
    found: &mut Vec<Diagnostic>,
) -> Result<&'static str> {
    Ok(match own.name().text() {
        "enable_full_duplex" => {
            settings.enable_full_duplex = true;
            "enable_full_duplex"
        }
        "log_credentials" => {
            settings.logs.get_or_insert_default().should_log_credentials = true;
            "logs/should_log_credentials"
        }
        "trace" => {
            settings.logs.get_or_insert_default().trace = true;
            "logs/trace"
        }
        "strict_sni_host" => {
            settings.strict_sni_host = Some(strict_sni_host(own)?);
            "strict_sni_host"
        }
        "trusted_proxies_strict" => {
            settings.trusted_proxies_strict = 1;
            "trusted_proxies_strict"
        }
        "trusted_proxies_unix" => {
            settings.trusted_proxies_unix = true;
            "trusted_proxies_unix"
        }
        "trusted_proxies" => {
            settings.trusted_proxies = Some(trusted_proxies(own)?);
            found.extend(warn_of_ignored(own));
            own.block();
            "trusted_proxies"
        }
        "client_ip_headers" => {
            client_ip_headers(own, &mut settings.client_ip_headers)?;
            "client_ip_headers"
        }
        "metrics" => {
            settings.metrics = Some(metrics(own)?);
            found.push(deprecated_metrics(own));
            "metrics"
        }
        "listener_wrappers" => {
            own.no_more()?;
            for line in own.options() {
                let wrapper = wrappers::listener(line, found)?;
                settings.listener_wrappers.push(wrapper);
            }
            "listener_wrappers"
        }
        "packet_conn_wrappers" => {
            own.no_more()?;
            match own.options().first() {
                Some(line) => return Err(wrappers::packet_conn(line)),
                None => "packet_conn_wrappers",
            }
        }
        _ => return Err(args.unknown(own.name(), SUBDIRECTIVES)),
    })
}

/// How a suboption is written; nothing for what is none.
fn syntax(name: &Token) -> &'static str {
    match name.text() {
        "name" => "name <name>",
        "timeouts" => "timeouts { read_body, read_header, write, idle }",
        "read_body" => "read_body <duration>",
        "read_header" => "read_header <duration>",
        "write" => "write <duration>",
        "idle" => "idle <duration>",
        "keepalive_interval" => "keepalive_interval <duration>",
        "keepalive_idle" => "keepalive_idle <duration>",
        "keepalive_count" => "keepalive_count <number>",
        "enable_full_duplex" => "enable_full_duplex",
        "log_credentials" => "log_credentials",
        "trace" => "trace",
        "0rtt" => "0rtt off",
        "metrics" => "metrics { per_host }",
        "listener_wrappers" => "listener_wrappers { http_redirect, proxy_protocol, tls }",
        "packet_conn_wrappers" => "packet_conn_wrappers { <wrapper> }",
        "trusted_proxies_unix" => "trusted_proxies_unix",
        "max_header_size" => "max_header_size <size>",
        "protocols" => "protocols <h1 | h2 | h2c | h3...>",
        "strict_sni_host" => "strict_sni_host [on | insecure_off]",
        "trusted_proxies" => "trusted_proxies static <address or prefix...>",
        "trusted_proxies_strict" => "trusted_proxies_strict",
        "client_ip_headers" => "client_ip_headers <field...>",
        _ => "",
    }
}

fn name(own: &mut Args<'_>, listener: &str) -> Result<Option<(String, Span)>> {
    if listener.is_empty() {
        return Err(own
            .name()
            .error(NO_LISTENER, "a name needs a listener address")
            .label("would be the name of every server")
            .help("write `servers :443 { … }`"));
    }
    let name = own.required("a name")?;
    let named = Some((name.text().to_owned(), name.span()));
    Ok(named.filter(|(name, _)| !name.is_empty()))
}

fn timeouts(own: &mut Args<'_>, servers: &mut ServerOptions) -> Result<()> {
    own.no_more()?;
    for line in run_on::lines(own.options(), WORDS_OF_TIMEOUTS, TIMEOUTS).iter() {
        let mut inner = Args::new(line, syntax(line.name()));
        let settings = &mut servers.settings;
        let (target, key) = match line.name().text() {
            "read_body" => (&mut settings.read_timeout, "read_timeout"),
            "read_header" => (&mut settings.read_header_timeout, "read_header_timeout"),
            "write" => (&mut settings.write_timeout, "write_timeout"),
            "idle" => (&mut settings.idle_timeout, "idle_timeout"),
            _ => return Err(own.unknown(line.name(), TIMEOUTS)),
        };
        *target = duration(&mut inner)?;
        servers.places.push((key, line.span()));
        inner.finish()?;
    }
    Ok(())
}

/// A duration; nothing for zero, as Caddy writes it.
fn duration(own: &mut Args<'_>) -> Result<Option<Duration>> {
    let duration = read::duration(own.required("a duration")?)?;
    Ok(Some(duration).filter(|duration| duration.0 != 0))
}

fn probes(word: &Token) -> Result<Option<i64>> {
    let count: i32 = word.text().parse().map_err(|_| {
        let message = format!("`{}` is not a number of probes", word.text());
        word.error(NOT_A_COUNT, message)
            .help("write `keepalive_count 10`")
    })?;
    Ok(Some(i64::from(count)).filter(|count| *count != 0))
}

/// Caddy can only be told not to take it.
fn early_data(word: &Token) -> Result<bool> {
    if word.text() == "off" {
        return Ok(false);
    }
    let message = format!("`0rtt` does not take `{}`", word.text());
    let error = word.error(NOT_OFF, message);
    Err(error.help("write `0rtt off`, or take the line away"))
}

fn metrics(own: &mut Args<'_>) -> Result<Metrics> {
    own.no_more()?;
    let mut metrics = Metrics::default();
    for line in own.options() {
        if line.name().text() != "per_host" {
            return Err(own.unknown(line.name(), &["per_host"]));
        }
        Args::new(line, "per_host").finish()?;
        metrics.per_host = true;
    }
    Ok(metrics)
}

fn deprecated_metrics(own: &Args<'_>) -> Diagnostic {
    let message = "`metrics` in `servers` is deprecated";
    own.name()
        .warning(DEPRECATED, message)
        .label("it is for all servers, as in Caddy")
        .help("write `metrics` as a global option of its own")
}

fn protocols(own: &mut Args<'_>, protocols: &mut Vec<String>) -> Result<()> {
    for word in own.rest() {
        if !PROTOCOLS.contains(&word.text()) {
            let message = format!("`{}` is not a protocol", word.text());
            let error = word.error(PROTOCOL, message);
            return Err(error.help(format!("the protocols are {}", PROTOCOLS.join(", "))));
        }
        if protocols.iter().any(|known| known == word.text()) {
            return Err(own.twice(word));
        }
        protocols.push(word.text().into());
    }
    allow_empty_block(own);
    Ok(())
}

/// Braces with nothing between them are nothing to Caddy in some places.
fn allow_empty_block(own: &mut Args<'_>) {
    let block = own.line().block.as_ref();
    if block.is_some_and(|block| block.lines.is_empty()) {
        own.block();
    }
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
    let source = own.required("`static` and addresses")?;
    if source.text() != "static" {
        return Err(not_a_source(source));
    }
    let mut ranges = Vec::new();
    for word in own.rest() {
        add_ip_range(word, &mut ranges);
    }
    Ok(IpSource::Static { ranges })
}

fn not_a_source(source: &Token) -> Diagnostic {
    let text = source.text();
    let message = format!("`{text}` does not say where the addresses come from");
    let error = source.error(IP_SOURCE, message).label("expected `static`");
    let is_address = text.starts_with(|c: char| c.is_ascii_hexdigit()) && text.contains(['.', ':']);
    if is_address || text == "private_ranges" {
        error.help(format!("write `trusted_proxies static {text}`"))
    } else {
        error.help(
            "write `trusted_proxies static` and the addresses of the proxies; another \
             source needs a plugin of Caddy's, and caddis has no plugins",
        )
    }
}

fn client_ip_headers(own: &mut Args<'_>, headers: &mut Vec<String>) -> Result<()> {
    for word in own.rest() {
        if headers.iter().any(|known| known == word.text()) {
            return Err(own.twice(word));
        }
        headers.push(word.text().into());
    }
    allow_empty_block(own);
    Ok(())
}
