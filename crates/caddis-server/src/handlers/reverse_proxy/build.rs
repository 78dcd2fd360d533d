//! The handler made from the config.

use std::sync::Arc;
use std::time::Duration;

use caddis_ir::{HttpTransport, LoadBalancing, Path, SelectionPolicy, Transport as Config};
use ipnet::IpNet;

use super::active_build;
use super::balance::Balanced;
use super::buffer::Buffer;
use super::build_transport;
use super::dynamic::{Maker, Source};
use super::dynamic_build;
use super::edits::Edits;
use super::fastcgi;
use super::handle_response::Responses;
use super::member::{Limits, Member, Place};
use super::passive::Passive;
use super::policy_build;
use super::proxy::ReverseProxy;
use super::retries::Retries;
use super::rewritten;
use super::tunnel::Streams;
use super::upstream::Address;
use super::upstreams::Upstreams;
use crate::Node;
use crate::builder::Builder;
use crate::matchers::Sets;
use crate::metrics::Metrics;

/// Prepares a proxy.
pub(crate) fn build(
    config: &caddis_ir::ReverseProxy,
    at: &Path,
    builder: &mut Builder<'_>,
    next: Node,
) -> Node {
    let edits = config
        .headers
        .as_ref()
        .map_or_else(Edits::default, |edits| {
            Edits::build(edits, &at.key("headers"), builder)
        });
    let transport = match &config.transport {
        None => build_transport::build(&HttpTransport::default(), at, builder),
        Some(Config::Http(http)) => build_transport::build(http, &at.key("transport"), builder),
        Some(Config::Fastcgi(fastcgi)) => fastcgi::build(fastcgi, &at.key("transport"), builder),
    };
    let proxy = ReverseProxy {
        upstreams: upstreams(config, at, builder),
        transport: Arc::new(transport),
        edits: Arc::new(edits),
        responses: Responses::build(config, at, builder, &next),
        reads_headers: builder.reads_answers(),
        trusted: trusted(config, at, builder),
        streams: streams(config, builder),
    };
    watch(&proxy.upstreams, &builder.metrics());
    if is_plain(config) {
        return Node::handler(proxy, next);
    }
    if let Some(checks) = config
        .health_checks
        .as_ref()
        .and_then(|checks| checks.active.as_ref())
    {
        let at = at.key("health_checks").key("active");
        active_build::check(checks, &proxy.upstreams.0, &proxy.transport, &at, builder);
    }
    balanced(config, proxy, at, builder, next)
}

fn balanced(
    config: &caddis_ir::ReverseProxy,
    proxy: ReverseProxy,
    at: &Path,
    builder: &mut Builder<'_>,
    next: Node,
) -> Node {
    let balancing = config.load_balancing.clone().unwrap_or_default();
    let at_balancing = at.key("load_balancing");
    let policy = balancing.selection_policy.as_ref();
    let balanced = Balanced {
        policy: policy_build::policy(policy, &at_balancing.key("selection_policy"), builder),
        retries: retries(&balancing, &at_balancing, builder),
        passive: passive(config),
        request_buffer: Buffer::new(config.request_buffers),
        response_buffer: Buffer::new(config.response_buffers),
        dynamic: dynamic(config, at, builder),
        is_verbose: config.verbose_logs,
        drops_body: config.rewrite.as_ref().is_some_and(drops_body),
        proxy,
    };
    let node = Node::handler(balanced, next);
    match &config.rewrite {
        Some(rewrite) => rewritten::build(rewrite, &at.key("rewrite"), builder, node),
        None => node,
    }
}

/// As in Caddy, which looks at the config, and not at what a placeholder stands for.
fn drops_body(rewrite: &caddis_ir::Rewrite) -> bool {
    ["GET", "HEAD"].contains(&rewrite.method.as_str())
}

/// Whether nothing is said of the upstreams but where they are: then asking one of them is cheaper.
fn is_plain(config: &caddis_ir::ReverseProxy) -> bool {
    let caddis_ir::LoadBalancing {
        selection_policy,
        retries,
        try_duration,
        try_interval: _,
        retry_match: _,
    } = config.load_balancing.as_ref().unwrap_or(&NO_BALANCING);
    let is_any = match selection_policy {
        None | Some(SelectionPolicy::Random {}) => true,
        Some(SelectionPolicy::Cookie { .. }) => false,
        Some(_) => config.upstreams.len() < 2,
    };
    let is_tried_once = *retries <= 0 && limit(*try_duration).is_none();
    let takes_any_number = |upstream: &caddis_ir::Upstream| upstream.max_requests <= 0;
    is_any
        && is_tried_once
        && config.health_checks.is_none()
        && config.rewrite.is_none()
        && config.dynamic_upstreams.is_none()
        && !config.verbose_logs
        && config.request_buffers == 0
        && config.response_buffers == 0
        && config.upstreams.iter().all(takes_any_number)
}

static NO_BALANCING: LoadBalancing = LoadBalancing {
    selection_policy: None,
    retries: 0,
    try_duration: None,
    try_interval: None,
    retry_match: Vec::new(),
};

/// What Caddy waits before it tries another upstream, if it may do so for some time.
const TRY_INTERVAL: Duration = Duration::from_millis(250);

fn retries(config: &LoadBalancing, at: &Path, builder: &mut Builder<'_>) -> Retries {
    let duration = limit(config.try_duration);
    let otherwise = duration.map(|_| TRY_INTERVAL);
    let sets = &config.retry_match;
    Retries {
        most: u64::try_from(config.retries).ok().filter(|most| *most > 0),
        duration,
        interval: limit(config.try_interval).or(otherwise),
        repeatable: (!sets.is_empty()).then(|| Sets::build(sets, &at.key("retry_match"), builder)),
    }
}

fn passive(config: &caddis_ir::ReverseProxy) -> Passive {
    let checks = config.health_checks.as_ref();
    let Some(passive) = checks.and_then(|checks| checks.passive.as_ref()) else {
        return Passive::default();
    };
    Passive {
        remembered: limit(passive.fail_duration),
        statuses: passive.unhealthy_status.clone().into(),
        latency: limit(passive.unhealthy_latency),
    }
}

/// A time, unless it is none or over already.
pub(super) fn limit(limit: Option<caddis_ir::Duration>) -> Option<Duration> {
    limit
        .filter(|limit| limit.0 > 0)
        .map(caddis_ir::Duration::to_std)
}

/// What is copied at once in a stream if the config does not say; as in Caddy.
const STREAM_BUFFER: usize = 32 * 1024;
/// The most that is copied at once.
const MAX_STREAM_BUFFER: usize = 1 << 20;

fn streams(config: &caddis_ir::ReverseProxy, builder: &Builder<'_>) -> Streams {
    let buffer = usize::try_from(config.stream_buffer_size).unwrap_or(0);
    Streams {
        timeout: limit(config.stream_timeout),
        close_delay: limit(config.stream_close_delay),
        buffer: match buffer {
            0 => STREAM_BUFFER,
            buffer => buffer.min(MAX_STREAM_BUFFER),
        },
        life: builder.life().clone(),
    }
}

fn dynamic(
    config: &caddis_ir::ReverseProxy,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Option<Source> {
    let source = config.dynamic_upstreams.as_ref()?;
    let (most, max_failures) = bounds(&caddis_ir::Upstream::default(), config);
    let maker = Arc::new(Maker {
        hosts: builder.hosts(),
        most,
        max_failures,
        workers: builder.environment.workers,
    });
    dynamic_build::source(source, &maker, &at.key("dynamic_upstreams"), builder)
}

/// Has metrics say which of the upstreams are well.
fn watch(upstreams: &Upstreams, metrics: &Metrics) {
    let members = Arc::clone(&upstreams.0);
    metrics.watch(Arc::new(move || {
        let named = members.iter().filter(|member| !member.dial.contains('{'));
        let well = named.map(|member| (member.dial.to_string(), member.is_well()));
        well.collect()
    }));
}

fn upstreams(config: &caddis_ir::ReverseProxy, at: &Path, builder: &mut Builder<'_>) -> Upstreams {
    let workers = builder.environment.workers;
    let mut upstreams = Vec::new();
    for (index, upstream) in config.upstreams.iter().enumerate() {
        let at = at.key("upstreams").index(index).key("dial");
        let limits = limits(upstream, config, builder);
        let dial = builder.template(&upstream.dial, &at);
        let place = match dial.constant().map(Address::parse) {
            None => Place::filled(dial, workers),
            Some(Ok(address)) => Place::fixed(address, &limits, workers),
            Some(Err(what)) => {
                builder.error(&at, what);
                continue;
            }
        };
        upstreams.push(Arc::new(Member::new(&upstream.dial, limits, place)));
    }
    Upstreams(upstreams.into())
}

fn limits(
    upstream: &caddis_ir::Upstream,
    config: &caddis_ir::ReverseProxy,
    builder: &Builder<'_>,
) -> Limits {
    let (most, max_failures) = bounds(upstream, config);
    Limits {
        state: builder.hosts().get(&upstream.dial),
        most,
        max_failures,
    }
}

/// How many requests an upstream may be busy with, and how many failures make it unwell.
fn bounds(
    upstream: &caddis_ir::Upstream,
    config: &caddis_ir::ReverseProxy,
) -> (i64, Option<usize>) {
    let checks = config.health_checks.as_ref();
    let passive = checks.and_then(|checks| checks.passive.as_ref());
    let most = match passive {
        Some(passive) if upstream.max_requests == 0 => passive.unhealthy_request_count,
        _ => upstream.max_requests,
    };
    let max_failures =
        passive.map(|passive| usize::try_from(passive.max_fails).unwrap_or(0).max(1));
    (most, max_failures)
}

fn trusted(config: &caddis_ir::ReverseProxy, at: &Path, builder: &mut Builder<'_>) -> Box<[IpNet]> {
    let mut trusted = Vec::new();
    for (index, range) in config.trusted_proxies.iter().enumerate() {
        let address = range
            .split_once('%')
            .map_or(range.as_str(), |(address, _)| address);
        let parsed = address
            .parse::<IpNet>()
            .or_else(|_| address.parse::<std::net::IpAddr>().map(IpNet::from));
        match parsed {
            Ok(range) => trusted.push(range),
            Err(_) => builder.error(
                &at.key("trusted_proxies").index(index),
                format!("`{range}` is not an IP address or a range of them"),
            ),
        }
    }
    trusted.into()
}
