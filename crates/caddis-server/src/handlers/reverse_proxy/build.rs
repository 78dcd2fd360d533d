//! The handler made from the config.

use std::sync::Arc;
use std::time::Duration;

use caddis_ir::{HttpTransport, Path, Transport as Config};
use ipnet::IpNet;

use super::edits::Edits;
use super::proxy::ReverseProxy;
use super::tls::{self, Tls};
use super::transport::{DIAL_TIMEOUT, Plain, Transport};
use super::upstream::Address;
use super::upstreams::Upstreams;
use crate::Node;
use crate::build::Builder;
use crate::metrics::Metrics;

/// Prepares a proxy.
pub(crate) fn build(
    config: &caddis_ir::ReverseProxy,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Node {
    let edits = config
        .headers
        .as_ref()
        .map_or_else(Edits::default, |edits| {
            Edits::build(edits, &at.key("headers"), builder)
        });
    let transport = match &config.transport {
        None => transport(&HttpTransport::default(), at, builder),
        Some(Config::Http(http)) => transport(http, &at.key("transport"), builder),
        Some(Config::Fastcgi(_)) => {
            let what = "caddis cannot ask upstreams over FastCGI yet";
            builder.error(&at.key("transport"), what);
            transport(&HttpTransport::default(), at, builder)
        }
    };
    let proxy = ReverseProxy {
        upstreams: upstreams(config, at, builder),
        transport,
        edits,
        trusted: trusted(config, at, builder),
    };
    watch(config, &builder.metrics());
    Node::handler(proxy, Node::end())
}

/// Has metrics say of the upstreams what is known of them: without health checks, that they are healthy.
fn watch(config: &caddis_ir::ReverseProxy, metrics: &Metrics) {
    let dials = config
        .upstreams
        .iter()
        .map(|upstream| upstream.dial.clone());
    let dials: Vec<String> = dials.filter(|dial| !dial.contains('{')).collect();
    metrics.watch(Arc::new(move || {
        dials.iter().map(|dial| (dial.clone(), true)).collect()
    }));
}

fn upstreams(config: &caddis_ir::ReverseProxy, at: &Path, builder: &mut Builder<'_>) -> Upstreams {
    let workers = builder.environment.workers;
    let mut upstreams = Upstreams::default();
    for (index, upstream) in config.upstreams.iter().enumerate() {
        let at = at.key("upstreams").index(index).key("dial");
        let dial = builder.template(&upstream.dial, &at);
        let Some(constant) = dial.constant() else {
            upstreams.filled(dial, workers);
            continue;
        };
        match Address::parse(constant) {
            Ok(address) => upstreams.fixed(address, workers),
            Err(what) => builder.error(&at, what),
        }
    }
    upstreams
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

fn transport(config: &HttpTransport, at: &Path, builder: &mut Builder<'_>) -> Transport {
    let versions = versions(config, at, builder);
    let limit = |limit: Option<caddis_ir::Duration>| {
        limit
            .map(caddis_ir::Duration::to_std)
            .filter(|limit| *limit != Duration::ZERO)
    };
    Transport {
        dial: builder.environment.dial.clone(),
        tls: config.tls.as_ref().and_then(|_| tls(versions, at, builder)),
        plain: if versions.h2c {
            Plain::H2c
        } else {
            Plain::Http1
        },
        dial_timeout: limit(config.dial_timeout).unwrap_or(DIAL_TIMEOUT),
        header_timeout: limit(config.response_header_timeout),
        read_timeout: limit(config.read_timeout),
        write_timeout: limit(config.write_timeout),
    }
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

fn tls(versions: Versions, at: &Path, builder: &mut Builder<'_>) -> Option<Tls> {
    let roots = builder
        .environment
        .dial
        .roots()
        .map_or_else(tls::system_roots, Ok);
    let made =
        roots.and_then(|roots| Tls::new(roots, versions.http2).map_err(|error| error.to_string()));
    made.map_err(|why| {
        builder.error(
            &at.key("tls"),
            format!("upstreams cannot be verified: {why}"),
        );
    })
    .ok()
}
