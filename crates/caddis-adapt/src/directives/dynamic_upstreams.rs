//! `dynamic` in the block of `reverse_proxy`: upstreams that are looked up for each request.

use caddis_ir::{DynamicA, DynamicMulti, DynamicSrv, DynamicUpstreams, IpVersions, Resolver};
use caddis_source::{Code, Diagnostic, suggest};
use caddis_syntax::Line;

use super::line_values::{text, texts, time};
use crate::{Args, Result, Token, run_on};

/// The options in the blocks of all sources.
#[cfg(test)]
pub(super) const OPTIONS: &[&str] = &[
    "name",
    "port",
    "service",
    "proto",
    "refresh",
    "resolvers",
    "dial_timeout",
    "dial_fallback_delay",
    "grace_period",
    "versions",
];

const A_OPTIONS: &[&str] = &[
    "name",
    "port",
    "refresh",
    "resolvers",
    "dial_timeout",
    "dial_fallback_delay",
    "versions",
];

const SRV_OPTIONS: &[&str] = &[
    "service",
    "proto",
    "name",
    "refresh",
    "resolvers",
    "dial_timeout",
    "dial_fallback_delay",
    "grace_period",
];

/// How many words an option takes, where another one may follow.
const TAKES: &[(&str, usize)] = &[
    ("name", 1),
    ("port", 1),
    ("service", 1),
    ("proto", 1),
    ("refresh", 1),
    ("dial_timeout", 1),
    ("dial_fallback_delay", 1),
    ("grace_period", 1),
];

const SOURCES: &[&str] = &["a", "multi", "srv"];

const UNKNOWN: Code = Code("reverse_proxy/unknown-source");
const NOT_A_VERSION: Code = Code("reverse_proxy/not-an-ip-version");

/// Reads `dynamic <source> … { … }`.
pub(super) fn read(line: &Line) -> Result<DynamicUpstreams> {
    let mut args = Args::new(line, "dynamic srv | a | multi …");
    let name = args.required("where upstreams are looked up")?;
    source(name, &mut args)
}

fn source(name: &Token, args: &mut Args<'_>) -> Result<DynamicUpstreams> {
    match name.text() {
        "a" => a(args).map(|a| DynamicUpstreams::A(Box::new(a))),
        "multi" => multi(args).map(DynamicUpstreams::Multi),
        "srv" => srv(args).map(|srv| DynamicUpstreams::Srv(Box::new(srv))),
        _ => Err(unknown(name)),
    }
}

fn unknown(name: &Token) -> Diagnostic {
    let message = format!("upstreams cannot be looked up in `{}`", name.text());
    let error = name.error(UNKNOWN, message);
    match suggest(name.text(), SOURCES.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help("write `srv`, `a` or `multi`"),
    }
}

fn multi(args: &mut Args<'_>) -> Result<DynamicMulti> {
    let lines = args.options();
    args.finish()?;
    let sources = lines.iter().map(|line| {
        let mut args = Args::new(line, "srv | a | multi …");
        source(line.name(), &mut args)
    });
    let sources = sources.collect::<Result<_>>()?;
    Ok(DynamicMulti { sources })
}

fn a(args: &mut Args<'_>) -> Result<DynamicA> {
    let mut word = || {
        args.optional()
            .map_or(String::new(), |word| word.text().into())
    };
    let mut a = DynamicA {
        name: word(),
        port: word(),
        ..DynamicA::default()
    };
    let lines = run_on::lines(args.options(), TAKES, A_OPTIONS);
    args.finish()?;
    for line in lines.iter() {
        match line.name().text() {
            "name" => once(line, args, &mut a.name, "name <name>", "a name")?,
            "port" => once(line, args, &mut a.port, "port <port>", "a port")?,
            "refresh" => a.refresh = time(line, "refresh <duration>")?,
            "resolvers" => a.resolver = Some(resolver(line)?),
            "dial_timeout" => a.dial_timeout = time(line, "dial_timeout <duration>")?,
            "dial_fallback_delay" => {
                a.dial_fallback_delay = time(line, "dial_fallback_delay <duration>")?;
            }
            "versions" => versions(line, a.versions.get_or_insert_default())?,
            _ => return Err(args.unknown(line.name(), A_OPTIONS)),
        }
    }
    Ok(a)
}

fn versions(line: &Line, versions: &mut IpVersions) -> Result<()> {
    let mut args = Args::new(line, "versions ipv4 | ipv6");
    let tokens = args.at_least_one("`ipv4` or `ipv6`")?;
    args.finish()?;
    for token in tokens {
        match token.text() {
            "ipv4" => versions.ipv4 = Some(true),
            "ipv6" => versions.ipv6 = Some(true),
            other => {
                let message = format!("`{other}` is not a version of IP");
                let error = token.error(NOT_A_VERSION, message);
                return Err(error.label("expected `ipv4` or `ipv6`"));
            }
        }
    }
    Ok(())
}

fn srv(args: &mut Args<'_>) -> Result<DynamicSrv> {
    let name = args
        .optional()
        .map_or(String::new(), |name| name.text().into());
    let mut srv = DynamicSrv {
        name,
        ..DynamicSrv::default()
    };
    let lines = run_on::lines(args.options(), TAKES, SRV_OPTIONS);
    args.finish()?;
    for line in lines.iter() {
        match line.name().text() {
            "service" => once(line, args, &mut srv.service, "service <name>", "a service")?,
            "proto" => once(line, args, &mut srv.proto, "proto <name>", "a protocol")?,
            "name" => once(line, args, &mut srv.name, "name <name>", "a name")?,
            "refresh" => srv.refresh = time(line, "refresh <duration>")?,
            "resolvers" => srv.resolver = Some(resolver(line)?),
            "dial_timeout" => srv.dial_timeout = time(line, "dial_timeout <duration>")?,
            "dial_fallback_delay" => {
                srv.dial_fallback_delay = time(line, "dial_fallback_delay <duration>")?;
            }
            "grace_period" => srv.grace_period = time(line, "grace_period <duration>")?,
            _ => return Err(args.unknown(line.name(), SRV_OPTIONS)),
        }
    }
    Ok(srv)
}

fn once(
    line: &Line,
    of: &Args<'_>,
    value: &mut String,
    syntax: &'static str,
    what: &str,
) -> Result<()> {
    if !value.is_empty() {
        return Err(of.twice(line.name()));
    }
    *value = text(line, syntax, what)?;
    Ok(())
}

/// Who is asked for addresses; a later line takes the place of an earlier one.
pub(super) fn resolver(line: &Line) -> Result<Resolver> {
    let addresses = texts(line, "resolvers <address...>", "the address of a resolver")?;
    Ok(Resolver { addresses })
}
