//! Active health checks as the config says them.

use std::sync::Arc;
use std::time::Duration;

use caddis_ir::{ActiveHealthChecks, Path};
use http::header::HOST;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use tracing::error;

use super::active::{Active, Check, Redirects};
use super::build::limit;
use super::member::Member;
use super::transport::Transport;
use super::upstream::Address;
use crate::Target;
use crate::builder::Builder;
use crate::matchers::regexp::compile;
use crate::uri;

/// What Caddy waits between two questions, and for an answer.
const INTERVAL: Duration = Duration::from_secs(30);
const TIMEOUT: Duration = Duration::from_secs(5);
/// What stands for the upstream in header and body of a question.
const UPSTREAM: &str = "{http.reverse_proxy.active.target_upstream}";

/// Prepares the checks of all upstreams. They begin and end with the config.
pub(super) fn check(
    config: &ActiveHealthChecks,
    members: &[Arc<Member>],
    transport: &Arc<Transport>,
    at: &Path,
    builder: &mut Builder<'_>,
) {
    let is_on = !config.path.is_empty()
        || !config.uri.is_empty()
        || !config.upstream.is_empty()
        || config.port != 0;
    let Some(active) = active(config, transport, at, builder).filter(|_| is_on) else {
        return;
    };
    let active = Arc::new(active);
    for member in members {
        if let Some(check) = one(config, &active, member, at, builder) {
            builder.life().task(check.run());
        }
    }
}

fn active(
    config: &ActiveHealthChecks,
    transport: &Arc<Transport>,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Option<Active> {
    let pattern = match config.expect_body.as_str() {
        "" => None,
        pattern => Some(compile(pattern, &at.key("expect_body"), builder)?),
    };
    let method = match config.method.as_str() {
        "" => Method::GET,
        method => method
            .parse()
            .map_err(|_| builder.error(&at.key("method"), format!("`{method}` is not a method")))
            .ok()?,
    };
    Some(Active {
        transport: Arc::clone(transport),
        method,
        target: target(config, at, builder)?,
        redirects: if config.follow_redirects {
            Redirects::Followed
        } else {
            Redirects::Answers
        },
        interval: limit(config.interval).unwrap_or(INTERVAL),
        timeout: limit(config.timeout).unwrap_or(TIMEOUT),
        passes: config.passes.max(1),
        fails: config.fails.max(1),
        max_size: usize::try_from(config.max_size).unwrap_or(0),
        status: Some(config.expect_status).filter(|status| *status > 0),
        pattern,
    })
}

/// Path and query of the question.
fn target(config: &ActiveHealthChecks, at: &Path, builder: &mut Builder<'_>) -> Option<Uri> {
    let (key, text) = if config.uri.is_empty() {
        let mut path = Vec::new();
        uri::path_escape(config.path.as_bytes(), &mut path);
        ("path", String::from_utf8_lossy(&path).into_owned())
    } else {
        ("uri", config.uri.clone())
    };
    let parsed = if text.contains("://") {
        text.parse::<Uri>().ok()
    } else {
        let slash = if text.starts_with('/') { "" } else { "/" };
        format!("{slash}{text}").parse().ok()
    };
    let target = parsed.as_ref().and_then(Uri::path_and_query);
    let target = target.and_then(|target| Uri::try_from(target.as_str()).ok());
    if target.is_none() {
        builder.error(&at.key(key), format!("`{text}` is not a target"));
    }
    target
}

fn one(
    config: &ActiveHealthChecks,
    active: &Arc<Active>,
    member: &Arc<Member>,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Option<Check> {
    let Some(upstream) = member.address() else {
        // As in Caddy, it is taken to be well: no request says where it is.
        error!(
            target: "http.handlers.reverse_proxy.health_checker.active",
            address = &*member.dial,
            "invalid use of placeholders in dial address for active health checks"
        );
        return None;
    };
    let address = asked(config, upstream, at, builder)?;
    let mut check = Check {
        active: Arc::clone(active),
        member: Arc::clone(member),
        host: host(&address),
        address,
        headers: HeaderMap::new(),
        body: text(&config.body, member, &at.key("body"), builder)
            .into_bytes()
            .into(),
        lane: Arc::default(),
    };
    for (name, values) in &config.headers {
        let at = at.key("headers").key(name);
        let Ok(name) = name.parse::<HeaderName>() else {
            builder.error(&at, format!("`{name}` is not the name of a header field"));
            continue;
        };
        for value in values {
            let value = text(value, member, &at, builder);
            let Ok(value) = HeaderValue::from_str(&value) else {
                builder.error(&at, format!("`{value}` is not the value of a header field"));
                continue;
            };
            if name == HOST {
                check.host = value;
            } else {
                check.headers.append(name.clone(), value);
            }
        }
    }
    Some(check)
}

/// Who is asked: the upstream, or whom the config names in its place.
fn asked(
    config: &ActiveHealthChecks,
    upstream: &Arc<Address>,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Option<Arc<Address>> {
    if !config.upstream.is_empty() {
        let parsed = Address::parse(&config.upstream);
        let parsed = parsed.map_err(|what| builder.error(&at.key("upstream"), what));
        return parsed.ok().map(Arc::new);
    }
    if config.port == 0 {
        return Some(Arc::clone(upstream));
    }
    let Ok(port) = u16::try_from(config.port) else {
        let what = format!("`{}` is not a port", config.port);
        builder.error_with_help(&at.key("port"), what, "write a number up to 65535");
        return None;
    };
    let host = match &upstream.target {
        Target::Tcp(host, _) => host,
        Target::Unix(_) => "localhost",
    };
    let brackets = host.contains(':');
    let dial = if brackets {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    };
    Address::parse(&dial).ok().map(Arc::new)
}

/// What the upstream is called in the question.
fn host(address: &Address) -> HeaderValue {
    let host = match &address.target {
        Target::Tcp(..) => &*address.hostport,
        Target::Unix(_) => "localhost",
    };
    HeaderValue::from_str(host).unwrap_or_else(|_| HeaderValue::from_static("localhost"))
}

/// A text whose placeholders are filled now: no request is there to fill them.
fn text(text: &str, member: &Member, at: &Path, builder: &mut Builder<'_>) -> String {
    let text = text.replace(UPSTREAM, &member.dial);
    let template = builder.template_known(&text, at);
    if let Some(text) = template.constant() {
        return text.to_owned();
    }
    let what = format!("`{text}` depends on a request, and there is none in a health check");
    builder.error_with_help(at, what, "write text, or `{env.NAME}`");
    String::new()
}
