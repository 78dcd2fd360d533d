//! `health_uri`, `max_fails` and the like in the block of `reverse_proxy`: which upstreams are well.

use std::collections::BTreeMap;

use caddis_ir::{ActiveHealthChecks, HealthChecks, PassiveHealthChecks, Path};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use super::line_values::{self, number, text, time};
use crate::address::split_host_port;
use crate::{Args, Result, Scope, Token, read};

/// The options of asking upstreams, and the field that each becomes.
pub(super) const ACTIVE: &[(&str, &str)] = &[
    ("health_uri", "uri"),
    ("health_path", "path"),
    ("health_upstream", "upstream"),
    ("health_port", "port"),
    ("health_interval", "interval"),
    ("health_passes", "passes"),
    ("health_fails", "fails"),
    ("health_timeout", "timeout"),
    ("health_method", "method"),
    ("health_request_body", "body"),
    ("health_status", "expect_status"),
    ("health_body", "expect_body"),
    ("health_follow_redirects", "follow_redirects"),
    ("health_headers", "headers"),
];

/// The options of counting what becomes of requests; each becomes the field of its name.
pub(super) const PASSIVE: &[&str] = &[
    "fail_duration",
    "max_fails",
    "unhealthy_status",
    "unhealthy_latency",
    "unhealthy_request_count",
];

const OLD_NAME: Code = Code("reverse_proxy/old-name");
const NO_PORT: Code = Code("reverse_proxy/health-without-port");
const TWO_PORTS: Code = Code("reverse_proxy/two-health-ports");

/// Reads a line that starts with one of the options of asking upstreams.
pub(super) fn active(line: &Line, checks: &mut HealthChecks, scope: &mut Scope<'_>) -> Result<()> {
    let at = Path::root().key("health_checks");
    scope.origin(&at, line.span());
    let known = ACTIVE.iter().find(|(name, _)| *name == line.name().text());
    if let Some((_, field)) = known {
        scope.origin(&at.key("active").key(*field), line.span());
    }
    let checks = checks.active.get_or_insert_default();
    match line.name().text() {
        "health_uri" => checks.uri = text(line, "health_uri <path>", "a path")?,
        "health_path" => {
            checks.path = text(line, "health_path <path>", "a path")?;
            scope.report(old_name(line.name(), "health_uri"));
        }
        "health_upstream" => checks.upstream = upstream(line)?,
        "health_port" => checks.port = port(line, checks)?,
        "health_interval" => checks.interval = time(line, "health_interval <duration>")?,
        "health_passes" => checks.passes = number(line, "health_passes <number>")?,
        "health_fails" => checks.fails = number(line, "health_fails <number>")?,
        "health_timeout" => checks.timeout = time(line, "health_timeout <duration>")?,
        _ => question(line, checks)?,
    }
    Ok(())
}

/// What is asked for, and what a good answer is.
fn question(line: &Line, checks: &mut ActiveHealthChecks) -> Result<()> {
    match line.name().text() {
        "health_method" => checks.method = text(line, "health_method <method>", "a method")?,
        "health_request_body" => {
            checks.body = text(line, "health_request_body <text>", "a text")?;
        }
        "health_status" => {
            let code = Args::new(line, "health_status <code or class>").only("a status code")?;
            checks.expect_status = status(code)?;
        }
        "health_body" => {
            checks.expect_body = text(line, "health_body <regexp>", "a regular expression")?;
        }
        "health_follow_redirects" => {
            line_values::word(line, "health_follow_redirects")?;
            checks.follow_redirects = true;
        }
        _ => checks.headers = headers(line)?,
    }
    Ok(())
}

/// A later block takes the place of an earlier one.
fn headers(line: &Line) -> Result<BTreeMap<String, Vec<String>>> {
    let mut args = Args::new(line, "health_headers { <field> <value...> }");
    let lines = args.options();
    args.finish()?;
    let mut headers = BTreeMap::<String, Vec<String>>::new();
    for line in lines {
        let mut own = Args::new(line, "<field> <value...>");
        let values = own.rest();
        own.finish()?;
        let field = headers.entry(line.name().text().into()).or_default();
        if values.is_empty() {
            field.push(String::new());
        }
        field.extend(values.iter().map(|value| value.text().to_owned()));
    }
    Ok(headers)
}

fn upstream(line: &Line) -> Result<String> {
    let token = Args::new(line, "health_upstream <host>:<port>").only("an address")?;
    let text = token.text();
    let port = split_host_port(text).map(|(_, port)| port);
    if port.is_some_and(|port| port.parse::<i64>().is_ok()) {
        return Ok(text.into());
    }
    let message = format!("`{text}` is not a host with a port");
    let error = token.error(NO_PORT, message);
    Err(error.help("write both, such as `localhost:8081`"))
}

fn port(line: &Line, checks: &ActiveHealthChecks) -> Result<i64> {
    let port = number(line, "health_port <port>")?;
    if checks.upstream.is_empty() {
        return Ok(port);
    }
    let message = "`health_upstream` says the port";
    let error = line.name().error(TWO_PORTS, message);
    Err(error.help("remove `health_port`"))
}

/// Reads a line that starts with one of the options of counting.
pub(super) fn passive(line: &Line, checks: &mut HealthChecks, scope: &mut Scope<'_>) -> Result<()> {
    let at = Path::root().key("health_checks");
    scope.origin(&at, line.span());
    scope.origin(&at.key("passive").key(line.name().text()), line.span());
    let checks = checks.passive.get_or_insert_default();
    match line.name().text() {
        "fail_duration" => checks.fail_duration = time(line, "fail_duration <duration>")?,
        "max_fails" => checks.max_fails = number(line, "max_fails <number>")?,
        "unhealthy_latency" => {
            checks.unhealthy_latency = time(line, "unhealthy_latency <duration>")?;
        }
        "unhealthy_request_count" => {
            let count = number(line, "unhealthy_request_count <number>")?;
            checks.unhealthy_request_count = count;
        }
        _ => unhealthy_status(line, checks)?,
    }
    Ok(())
}

fn unhealthy_status(line: &Line, checks: &mut PassiveHealthChecks) -> Result<()> {
    let mut args = Args::new(line, "unhealthy_status <code or class...>");
    let codes = args.at_least_one("a status code")?;
    args.finish()?;
    for code in codes {
        checks.unhealthy_status.push(status(code)?);
    }
    Ok(())
}

/// A number, or a digit for a class: `5xx` is 5 in Caddy's JSON.
fn status(token: &Token) -> Result<i64> {
    let text = token.text();
    let class = text.strip_suffix("xx").filter(|class| class.len() == 1);
    class.unwrap_or(text).parse().map_err(|_| {
        let message = format!("`{text}` is not a status code or class");
        let error = token.error(read::NOT_A_STATUS, message);
        error.label("expected a number, or a digit and `xx`")
    })
}

/// A warning for a name that Caddy still takes.
pub(super) fn old_name(name: &Token, new: &str) -> Diagnostic {
    let message = format!("`{}` is an old name", name.text());
    let warning = name.warning(OLD_NAME, message);
    warning.help(format!("write `{new}`"))
}
