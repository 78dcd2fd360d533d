//! How upstreams are asked over HTTP, made from the config.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use caddis_ir::{HttpTransport, KeepAlive, NetworkProxy, Path};
use tokio::sync::Notify;

use super::announce::ProxyVersion;
use super::build_tls;
use super::crowd::Crowd;
use super::forward::{Forward, Relay};
use super::keep::{IDLE, Keep, MAX_WAITING, Total};
use super::steps::Sizes;
use super::transport::{DIAL_TIMEOUT, Plain, Transport};
use crate::builder::Builder;
use crate::{Resolver, Ways};

/// Prepares a transport; what is wrong is noted.
pub(super) fn build(config: &HttpTransport, at: &Path, builder: &mut Builder<'_>) -> Transport {
    let versions = versions(config, at, builder);
    let announces = announces(config, at, builder);
    let crowd = count(config.max_conns_per_host).map(Crowd::new);
    let tls = (config.tls.as_ref())
        .and_then(|tls| build_tls::build(tls, versions.http2, &at.key("tls"), builder));
    // A connection that was announced for one client is no other's, and so it is with one for a name.
    let is_named = tls
        .as_ref()
        .is_some_and(|tls| tls.named_by_request().is_some());
    let is_shared = announces.is_none() && !is_named;
    Transport {
        dial: builder.environment.dial.clone(),
        ways: ways(config, at, builder),
        keep: Arc::new(keep(config, is_shared, crowd.is_some(), builder)),
        tls,
        plain: if versions.h2c {
            Plain::H2c
        } else {
            Plain::Http1
        },
        dial_timeout: limit(config.dial_timeout).unwrap_or(DIAL_TIMEOUT),
        header_timeout: limit(config.response_header_timeout),
        read_timeout: limit(config.read_timeout),
        write_timeout: limit(config.write_timeout),
        expect_timeout: limit(config.expect_continue_timeout),
        steps: steps(config),
        max_header: count(config.max_response_header_size),
        closes: (config.keep_alive.as_ref()).is_some_and(|keep| keep.enabled == Some(false)),
        crowd,
        announces,
        forward: forward(config, at, builder),
        cgi: None,
    }
}

/// A time, unless it is none.
fn limit(limit: Option<caddis_ir::Duration>) -> Option<Duration> {
    limit
        .filter(|limit| limit.0 > 0)
        .map(caddis_ir::Duration::to_std)
}

/// A time, which is none if it is below zero; zero stands for the default, as in Go.
#[expect(clippy::option_option, reason = "never is not the same as the default")]
fn unless_zero(given: Option<caddis_ir::Duration>) -> Option<Option<Duration>> {
    given
        .filter(|given| given.0 != 0)
        .map(|given| limit(Some(given)))
}

/// A number, unless it stands for the default.
fn count(given: i64) -> Option<usize> {
    usize::try_from(given).ok().filter(|given| *given > 0)
}

/// The versions of HTTP that may be spoken.
#[derive(Clone, Copy)]
struct Versions {
    http2: bool,
    h2c: bool,
}

fn versions(config: &HttpTransport, at: &Path, builder: &mut Builder<'_>) -> Versions {
    let has = |version: &str| config.versions.iter().any(|known| known == version);
    for (index, version) in config.versions.iter().enumerate() {
        if !["1.1", "2", "h2c"].contains(&version.as_str()) {
            builder.error_with_help(
                &at.key("versions").index(index),
                format!("caddis cannot speak HTTP version `{version}` with an upstream"),
                "write `1.1`, `2` or `h2c`",
            );
        }
    }
    let none = config.versions.is_empty();
    Versions {
        // As in Caddy, `h2c` allows HTTP/2 over TLS too, and HTTP/1.1 is never ruled out.
        http2: none || has("2") || has("h2c"),
        h2c: has("h2c"),
    }
}

fn announces(config: &HttpTransport, at: &Path, builder: &mut Builder<'_>) -> Option<ProxyVersion> {
    match config.proxy_protocol.as_str() {
        "" => None,
        "v1" => Some(ProxyVersion::One),
        "v2" => Some(ProxyVersion::Two),
        other => {
            builder.error_with_help(
                &at.key("proxy_protocol"),
                format!("`{other}` is not a version of the PROXY protocol"),
                "write `v1` or `v2`",
            );
            None
        }
    }
}

/// How connections are read and written if the config says something of it; 4 KiB is what Go has.
fn steps(config: &HttpTransport) -> Option<Sizes> {
    let (read, write) = (
        count(config.read_buffer_size),
        count(config.write_buffer_size),
    );
    (read.is_some() || write.is_some()).then(|| Sizes {
        read: read.unwrap_or(usize::MAX),
        write: write.unwrap_or(usize::MAX),
    })
}

fn keep(config: &HttpTransport, is_shared: bool, in_turn: bool, builder: &Builder<'_>) -> Keep {
    let default = KeepAlive::default();
    let keep = config.keep_alive.as_ref().unwrap_or(&default);
    let workers = builder.environment.workers.max(1);
    Keep {
        reuse: is_shared && keep.enabled != Some(false) && keep.max_idle_conns_per_host >= 0,
        idle: limit(keep.idle_timeout).unwrap_or(IDLE),
        most: match count(keep.max_idle_conns_per_host) {
            Some(most) if in_turn => most,
            Some(most) => (most / workers).max(1),
            None => MAX_WAITING,
        },
        total: count(keep.max_idle_conns).map(Total::new),
        returned: in_turn.then(Notify::new),
    }
}

fn ways(config: &HttpTransport, at: &Path, builder: &mut Builder<'_>) -> Ways {
    let probes = (config.keep_alive.as_ref()).and_then(|keep| keep.probe_interval);
    Ways {
        from: local_address(config, at, builder),
        fallback: unless_zero(config.dial_fallback_delay),
        probes: unless_zero(probes),
        resolver: (config.resolver.as_ref())
            .filter(|resolver| !resolver.addresses.is_empty())
            .and_then(|resolver| {
                let at = at.key("resolver").key("addresses");
                let built = Resolver::new(&resolver.addresses);
                built
                    .map_err(|(index, why)| builder.error(&at.index(index), why))
                    .map(Arc::new)
                    .ok()
            }),
    }
}

fn local_address(
    config: &HttpTransport,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Option<SocketAddr> {
    let text = match config.local_address.as_str() {
        "" => return None,
        text => text.strip_prefix("tcp/").unwrap_or(text),
    };
    let alone = text.trim_matches(['[', ']']).parse::<IpAddr>();
    let parsed = alone
        .map(|ip| SocketAddr::new(ip, 0))
        .or_else(|_| text.parse());
    parsed
        .map_err(|_| {
            builder.error_with_help(
                &at.key("local_address"),
                format!("`{text}` is not an address that connections can come from"),
                "write an IP address of this machine",
            );
        })
        .ok()
}

fn forward(config: &HttpTransport, at: &Path, builder: &mut Builder<'_>) -> Option<Forward> {
    let (url, at) = match (&config.network_proxy, config.forward_proxy_url.as_str()) {
        (Some(NetworkProxy::None {}), _) => return None,
        (Some(NetworkProxy::Url { url }), _) => (url.as_str(), at.key("network_proxy").key("url")),
        (None, "") => {
            let named = Forward::of_environment(&builder.environment.variable);
            return named.map_err(|why| builder.error(at, why)).ok().flatten();
        }
        (None, url) => (url, at.key("forward_proxy_url")),
    };
    let template = builder.template(url, &at);
    let relay = match template.constant() {
        Some(url) => Relay::parse(url),
        None => Err("the proxy on the way to an upstream cannot depend on the request".into()),
    };
    relay
        .map(Forward::Through)
        .map_err(|why| builder.error(&at, why))
        .ok()
}
