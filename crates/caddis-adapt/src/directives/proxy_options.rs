//! The block of `reverse_proxy`.

use caddis_ir::Duration;
use caddis_syntax::Line;

use super::header_rules;
use super::http_transport;
use super::reverse_proxy::Draft;
use crate::{Args, Result, Scope, Token, matchers, read};

/// The options that are there.
pub(super) const OPTIONS: &[&str] = &[
    "to",
    "handle_response",
    "replace_status",
    "header_up",
    "header_down",
    "flush_interval",
    "trusted_proxies",
    "transport",
];

/// The options of Caddy that are not there yet.
const NOT_YET: &[&str] = &[
    "dynamic",
    "fail_duration",
    "health_body",
    "health_fails",
    "health_follow_redirects",
    "health_headers",
    "health_interval",
    "health_method",
    "health_passes",
    "health_port",
    "health_request_body",
    "health_status",
    "health_timeout",
    "health_upstream",
    "health_uri",
    "lb_policy",
    "lb_retries",
    "lb_retry_match",
    "lb_try_duration",
    "lb_try_interval",
    "max_fails",
    "method",
    "request_buffers",
    "response_buffers",
    "rewrite",
    "stream_buffer_size",
    "stream_close_delay",
    "stream_timeout",
    "unhealthy_latency",
    "unhealthy_request_count",
    "unhealthy_status",
    "verbose_logs",
];

/// Reads one line of the block.
pub(super) fn option(
    line: &Line,
    of: &Args<'_>,
    draft: &mut Draft,
    scope: &mut Scope<'_>,
) -> Result<()> {
    let name = line.name();
    match name.text() {
        "to" => {
            let mut args = Args::new(line, "to <upstream...>");
            for token in args.at_least_one("an upstream")? {
                draft.add_upstream(token, scope)?;
            }
            args.finish()
        }
        "header_up" => header_up(line, draft),
        "header_down" => header_down(line, draft),
        "flush_interval" => {
            let time = Args::new(line, "flush_interval <duration> | -1").only("a duration")?;
            let time = flush_interval(time)?;
            draft.proxy.flush_interval = Some(time).filter(|time| time.0 != 0);
            Ok(())
        }
        "trusted_proxies" => {
            let mut args = Args::new(line, "trusted_proxies <address or prefix...>");
            for token in args.rest() {
                matchers::add_ip_range(token, &mut draft.proxy.trusted_proxies);
            }
            args.finish()
        }
        "transport" if draft.proxy.transport.is_some() => Err(of.twice(name)),
        "transport" => {
            draft.transport = Some(http_transport::read(line, scope)?);
            Ok(())
        }
        other if NOT_YET.contains(&other) => Err(of.not_yet(name)),
        _ => Err(of.unknown(name, OPTIONS)),
    }
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

/// A bare number is in nanoseconds; a negative one means "at once".
fn flush_interval(token: &Token) -> Result<Duration> {
    match token.text().parse() {
        Ok(nanoseconds) => Ok(Duration(nanoseconds)),
        Err(_) => read::duration(token),
    }
}
