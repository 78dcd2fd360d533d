//! Upstreams that are looked up, as the config says it.

use std::sync::Arc;
use std::time::Duration;

use caddis_ir::{DynamicUpstreams, IpVersions, Path, Resolver};

use super::build::limit;
use super::dynamic::{Addresses, Finder, Maker, Services, Source};
use crate::builder::Builder;
use crate::lookup::{Kind, Lookup};

/// How long something that was found is used if the config does not say; as in Caddy.
const REFRESH: Duration = Duration::from_mins(1);
/// The port of addresses if the config does not say.
const PORT: &str = "80";

/// Prepares a source; `None` if something is wrong with it.
pub(super) fn source(
    config: &DynamicUpstreams,
    maker: &Arc<Maker>,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Option<Source> {
    match config {
        DynamicUpstreams::A(config) => {
            let lookup = lookup(config.resolver.as_ref(), config.dial_timeout, at, builder)?;
            let port = if config.port.is_empty() {
                PORT
            } else {
                &config.port
            };
            Some(Source::Addresses(Addresses {
                name: builder.template(&config.name, &at.key("name")),
                port: builder.template(port, &at.key("port")),
                kind: kind(config.versions),
                finder: finder(lookup, config.refresh, None, maker),
            }))
        }
        DynamicUpstreams::Srv(config) => {
            let lookup = lookup(config.resolver.as_ref(), config.dial_timeout, at, builder)?;
            let network = match config.dial_network.as_str() {
                "" => String::new(),
                network @ ("tcp" | "tcp4" | "tcp6") => format!("{network}/"),
                network => {
                    let what = format!("caddis cannot reach an upstream over `{network}`");
                    builder.error_with_help(&at.key("dial_network"), what, "write `tcp`");
                    return None;
                }
            };
            Some(Source::Services(Services {
                service: builder.template(&config.service, &at.key("service")),
                proto: builder.template(&config.proto, &at.key("proto")),
                name: builder.template(&config.name, &at.key("name")),
                network: network.into(),
                finder: finder(lookup, config.refresh, limit(config.grace_period), maker),
            }))
        }
        DynamicUpstreams::Multi(config) => {
            let sources = config.sources.iter().enumerate().map(|(index, config)| {
                source(config, maker, &at.key("sources").index(index), builder)
            });
            sources.collect::<Option<_>>().map(Source::Several)
        }
    }
}

fn finder(
    lookup: Lookup,
    refresh: Option<caddis_ir::Duration>,
    grace: Option<Duration>,
    maker: &Arc<Maker>,
) -> Finder {
    Finder {
        lookup,
        refresh: limit(refresh).unwrap_or(REFRESH),
        grace,
        maker: Arc::clone(maker),
        known: parking_lot::Mutex::default(),
    }
}

fn lookup(
    resolver: Option<&Resolver>,
    timeout: Option<caddis_ir::Duration>,
    at: &Path,
    builder: &mut Builder<'_>,
) -> Option<Lookup> {
    let servers = resolver.map_or(&[][..], |resolver| &resolver.addresses);
    let made = Lookup::at(servers, limit(timeout));
    made.map_err(|what| builder.error(&at.key("resolver"), what))
        .ok()
}

/// Without a word of it, both are looked for.
fn kind(versions: Option<IpVersions>) -> Kind {
    let IpVersions { ipv4, ipv6 } = versions.unwrap_or_default();
    match (ipv4, ipv6) {
        (Some(true), Some(false) | None) | (None, Some(false)) => Kind::V4,
        (Some(false) | None, Some(true)) | (Some(false), None) => Kind::V6,
        (Some(true), Some(true)) | (Some(false), Some(false)) | (None, None) => Kind::Any,
    }
}
