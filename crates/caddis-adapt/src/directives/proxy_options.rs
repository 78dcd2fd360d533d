//! The block of `reverse_proxy`.

use caddis_ir::Path;
use caddis_source::Diagnostic;
use caddis_syntax::Line;

use super::line_values::{size_or_unlimited, text, time_or_nanoseconds, word};
use super::reverse_proxy::Draft;
use super::{
    dynamic_upstreams, header_rules, health_checks, load_balancing, proxy_subdirectives, transport,
};
use crate::args::TWICE;
use crate::{Args, Result, Scope, matchers};

/// The options, without those of load balancing and health checks, and the field that each becomes.
const OPTIONS: &[(&str, &str)] = &[
    ("to", "upstreams"),
    ("dynamic", "dynamic_upstreams"),
    ("flush_interval", "flush_interval"),
    ("trusted_proxies", "trusted_proxies"),
    ("header_up", "headers"),
    ("header_down", "headers"),
    ("request_buffers", "request_buffers"),
    ("response_buffers", "response_buffers"),
    ("stream_timeout", "stream_timeout"),
    ("stream_close_delay", "stream_close_delay"),
    ("stream_buffer_size", "stream_buffer_size"),
    ("method", "rewrite"),
    ("rewrite", "rewrite"),
    ("verbose_logs", "verbose_logs"),
    ("transport", "transport"),
];

/// Reads one line of the block.
pub(super) fn option(
    line: &Line,
    of: &Args<'_>,
    draft: &mut Draft,
    scope: &mut Scope<'_>,
) -> Result<()> {
    let name = line.name().text();
    if load_balancing::OPTIONS.contains(&name) {
        let balancing = draft.proxy.load_balancing.get_or_insert_default();
        return load_balancing::option(line, balancing, scope);
    }
    if health_checks::ACTIVE
        .iter()
        .any(|(known, _)| *known == name)
    {
        let checks = draft.proxy.health_checks.get_or_insert_default();
        return health_checks::active(line, checks, scope);
    }
    if health_checks::PASSIVE.contains(&name) {
        let checks = draft.proxy.health_checks.get_or_insert_default();
        return health_checks::passive(line, checks, scope);
    }
    if let Some((_, field)) = OPTIONS.iter().find(|(known, _)| *known == name) {
        scope.origin(&Path::root().key(*field), line.span());
    }
    match name {
        "to" => {
            let mut args = Args::new(line, "to <upstream...>");
            for token in args.at_least_one("an upstream")? {
                draft.add_upstream(token, scope)?;
            }
            args.finish()
        }
        "dynamic" => {
            draft.proxy.dynamic_upstreams = Some(dynamic_upstreams::read(line)?);
            Ok(())
        }
        "header_up" => header_up(line, draft),
        "header_down" => header_down(line, draft),
        "trusted_proxies" => {
            let mut args = Args::new(line, "trusted_proxies <address or prefix...>");
            for token in args.rest() {
                matchers::add_ip_range(token, &mut draft.proxy.trusted_proxies);
            }
            args.finish()
        }
        "transport" if draft.proxy.transport.is_some() => Err(second_transport(line, of)),
        "transport" => {
            draft.transport = Some(transport::read(line, scope)?);
            Ok(())
        }
        _ => value(line, of, draft),
    }
}

fn second_transport(line: &Line, of: &Args<'_>) -> Diagnostic {
    let message = format!("`{}` has its transport already", of.name().text());
    let error = line.name().error(TWICE, message);
    error.help("take the line away, or write `reverse_proxy` with a transport of your own")
}

/// Options that are a value.
fn value(line: &Line, of: &Args<'_>, draft: &mut Draft) -> Result<()> {
    let proxy = &mut draft.proxy;
    match line.name().text() {
        "flush_interval" => {
            proxy.flush_interval = time_or_nanoseconds(line, "flush_interval <duration> | -1")?;
        }
        "request_buffers" => {
            proxy.request_buffers = size_or_unlimited(line, "request_buffers <size> | unlimited")?;
        }
        "response_buffers" => {
            proxy.response_buffers =
                size_or_unlimited(line, "response_buffers <size> | unlimited")?;
        }
        "stream_timeout" => {
            proxy.stream_timeout = time_or_nanoseconds(line, "stream_timeout <duration>")?;
        }
        "stream_close_delay" => {
            proxy.stream_close_delay = time_or_nanoseconds(line, "stream_close_delay <duration>")?;
        }
        "stream_buffer_size" => {
            proxy.stream_buffer_size = size_or_unlimited(line, "stream_buffer_size <size>")?;
        }
        "method" => {
            let method = text(line, "method <method>", "a method")?;
            proxy.rewrite.get_or_insert_default().method = method;
        }
        "rewrite" => {
            let uri = text(line, "rewrite <to>", "a URL")?;
            proxy.rewrite.get_or_insert_default().uri = uri;
        }
        "verbose_logs" => {
            word(line, "verbose_logs")?;
            if proxy.verbose_logs {
                return Err(of.twice(line.name()));
            }
            proxy.verbose_logs = true;
        }
        _ => return Err(of.unknown(line.name(), proxy_subdirectives::OPTIONS)),
    }
    Ok(())
}

fn header_up(line: &Line, draft: &mut Draft) -> Result<()> {
    let mut args = Args::new(
        line,
        "header_up [+ | -]<field> [<value> | <find> <replace>]",
    );
    let field = args.required("a header field")?;
    let edit = header_rules::edit(field.text(), &mut args);
    args.finish()?;
    let headers = draft.proxy.headers.get_or_insert_default();
    let rules = headers.request.get_or_insert_default();
    header_rules::apply_to_request(rules, &edit, field)
}

fn header_down(line: &Line, draft: &mut Draft) -> Result<()> {
    let mut args = Args::new(
        line,
        "header_down [+ | -]<field> [<value> | <find> <replace>]",
    );
    let field = args.required("a header field")?;
    let edit = header_rules::edit(field.text(), &mut args);
    args.finish()?;
    let headers = draft.proxy.headers.get_or_insert_default();
    let rules = headers.response.get_or_insert_default();
    header_rules::apply_to_upstream_response(&mut rules.rules, &edit, field)
}
