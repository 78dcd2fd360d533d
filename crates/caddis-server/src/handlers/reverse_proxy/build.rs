//! The handler made from the config.

use caddis_ir::{HttpTransport, Path, Transport as Config};
use ipnet::IpNet;

use super::build_transport;
use super::edits::Edits;
use super::fastcgi;
use super::proxy::ReverseProxy;
use super::upstream::Address;
use super::upstreams::Upstreams;
use crate::Node;
use crate::build::Builder;

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
        None => build_transport::build(&HttpTransport::default(), at, builder),
        Some(Config::Http(http)) => build_transport::build(http, &at.key("transport"), builder),
        Some(Config::Fastcgi(fastcgi)) => fastcgi::build(fastcgi, &at.key("transport"), builder),
    };
    let proxy = ReverseProxy {
        upstreams: upstreams(config, at, builder),
        transport,
        edits,
        trusted: trusted(config, at, builder),
    };
    Node::handler(proxy, Node::end())
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
