//! Names are looked up in the DNS: at the resolvers that a config names, or at the system's.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig, ResolverOpts};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::rdata::SRV;
use hickory_resolver::proto::rr::{RData, RecordType};

/// How long an answer may take, whatever happens on its way.
const PATIENCE: Duration = Duration::from_secs(10);
/// How many records of one answer are taken.
const MAX_RECORDS: usize = 1000;

/// Looks names up.
pub(crate) struct Lookup(Who);

enum Who {
    /// The functions of the system, which know more than the DNS.
    System,
    /// These servers.
    Servers(TokioResolver),
}

/// A server of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Service {
    /// Its name, with a dot at its end if that is how the DNS says it.
    pub(crate) host: String,
    pub(crate) port: u16,
}

/// What kinds of addresses are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Any,
    V4,
    V6,
}

impl Lookup {
    /// Asks these servers, or the system's resolvers if there are none; the error says which is no address.
    pub(crate) fn at(servers: &[String], timeout: Option<Duration>) -> Result<Self, String> {
        if servers.is_empty() {
            return Ok(Self(Who::System));
        }
        let servers = servers.iter().map(|server| server_at(server));
        let config = ResolverConfig::from_name_servers(servers.collect::<Result<_, _>>()?);
        let mut builder =
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default());
        set(builder.options_mut(), timeout);
        let resolver = builder.build().map_err(|error| error.to_string())?;
        Ok(Self(Who::Servers(resolver)))
    }

    /// The addresses of a host.
    pub(crate) async fn addresses(&self, host: &str, kind: Kind) -> Result<Vec<IpAddr>, String> {
        let found = tokio::time::timeout(PATIENCE, self.all_addresses(host)).await;
        let mut found = found.map_err(|_| no_answer(host))??;
        found.retain(|address| match kind {
            Kind::Any => true,
            Kind::V4 => address.is_ipv4(),
            Kind::V6 => address.is_ipv6(),
        });
        if found.is_empty() {
            return Err(format!("lookup {host}: no such host"));
        }
        found.truncate(MAX_RECORDS);
        Ok(found)
    }

    async fn all_addresses(&self, host: &str) -> Result<Vec<IpAddr>, String> {
        match &self.0 {
            Who::System => {
                let found = tokio::net::lookup_host((host, 0)).await;
                let found = found.map_err(|error| failed(host, error))?;
                Ok(found.map(|address| address.ip()).collect())
            }
            Who::Servers(resolver) => {
                let found = resolver.lookup_ip(host).await;
                let found = found.map_err(|error| failed(host, error))?;
                Ok(found.iter().collect())
            }
        }
    }

    /// The servers of a service, in the order in which they are to be asked.
    pub(crate) async fn services(&self, name: &str) -> Result<Vec<Service>, String> {
        let asked = async {
            let system;
            let resolver = match &self.0 {
                Who::Servers(resolver) => resolver,
                Who::System => {
                    system = system_resolver().await?;
                    &system
                }
            };
            let found = resolver.lookup(name, RecordType::SRV).await;
            found.map_err(|error| failed(name, error))
        };
        let found = tokio::time::timeout(PATIENCE, asked).await;
        let found = found.map_err(|_| no_answer(name))??;
        let records = found
            .answers()
            .iter()
            .filter_map(|record| match &record.data {
                RData::SRV(service) => Some(service.clone()),
                _ => None,
            });
        Ok(in_order(records.take(MAX_RECORDS).collect())
            .into_iter()
            .map(|service| Service {
                host: service.target.to_ascii(),
                port: service.port,
            })
            .collect())
    }
}

fn no_answer(name: &str) -> String {
    format!("lookup {name}: i/o timeout")
}

fn failed(name: &str, error: impl fmt::Display) -> String {
    format!("lookup {name}: {error}")
}

async fn system_resolver() -> Result<TokioResolver, String> {
    let made = tokio::task::spawn_blocking(TokioResolver::builder_tokio).await;
    let made = made.map_err(|error| error.to_string())?;
    let mut builder = made.map_err(|error| format!("the system's resolvers: {error}"))?;
    set(builder.options_mut(), None);
    builder.build().map_err(|error| error.to_string())
}

fn set(options: &mut ResolverOpts, timeout: Option<Duration>) {
    // Whoever asks remembers the answer as long as the config says.
    options.cache_size = 0;
    if let Some(timeout) = timeout {
        options.timeout = timeout;
    }
}

/// Reads `1.1.1.1`, `udp/1.1.1.1:53`, `tcp/[::1]:53`.
fn server_at(text: &str) -> Result<NameServerConfig, String> {
    const PORT: u16 = 53;
    let wrong =
        || format!("`{text}` is not the address of a resolver: write `1.1.1.1` or `1.1.1.1:53`");
    let (network, rest) = text.split_once('/').unwrap_or(("", text));
    let address = match rest.parse::<SocketAddr>() {
        Ok(address) => address,
        Err(_) => {
            let host = rest.trim_start_matches('[').trim_end_matches(']');
            SocketAddr::new(host.parse().map_err(|_| wrong())?, PORT)
        }
    };
    let connections = match network {
        "" | "udp" | "udp4" | "udp6" => vec![ConnectionConfig::udp(), ConnectionConfig::tcp()],
        "tcp" | "tcp4" | "tcp6" => vec![ConnectionConfig::tcp()],
        _ => return Err(wrong()),
    };
    let mut connections = connections;
    for connection in &mut connections {
        connection.port = address.port();
    }
    Ok(NameServerConfig::new(address.ip(), true, connections))
}

/// By priority; among those of the same one at random, the heavier ones more often first (RFC 2782).
fn in_order(mut records: Vec<SRV>) -> Vec<SRV> {
    records.sort_by_key(|record| (record.priority, record.weight));
    let mut ordered = Vec::with_capacity(records.len());
    while let Some(first) = records.first() {
        let priority = first.priority;
        let count = records.iter().take_while(|one| one.priority == priority);
        let weights: Vec<u32> = count.map(|one| u32::from(one.weight)).collect();
        let drawn = rand::random_range(0..=weights.iter().sum());
        let mut sum = 0;
        let place = weights.iter().position(|weight| {
            sum += weight;
            sum >= drawn
        });
        ordered.push(records.remove(place.unwrap_or(0)));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use hickory_resolver::proto::rr::Name;
    use hickory_resolver::proto::rr::rdata::SRV;

    use super::{in_order, server_at};

    #[test]
    fn servers_of_a_service_come_by_priority() {
        let record = |priority, port| SRV::new(priority, 1, port, Name::root());
        let records = vec![record(2, 3), record(1, 1), record(2, 4), record(1, 2)];
        let ordered = in_order(records);
        let mut ports: Vec<_> = ordered.iter().map(|record| record.port).collect();
        ports[..2].sort_unstable();
        ports[2..].sort_unstable();
        assert_eq!(ports, [1, 2, 3, 4]);
    }

    #[test]
    fn resolvers_are_read_with_and_without_a_port() {
        for (text, ip, port) in [
            ("1.1.1.1", "1.1.1.1", 53),
            ("udp/1.1.1.1:54", "1.1.1.1", 54),
            ("[::1]:54", "::1", 54),
            ("::1", "::1", 53),
        ] {
            let server = server_at(text).unwrap();
            assert_eq!(
                (server.ip, server.connections[0].port),
                (ip.parse().unwrap(), port)
            );
        }
        for bad in ["", "dns.test", "1.1.1.1:x", "unix/1.1.1.1"] {
            assert!(server_at(bad).is_err(), "{bad}");
        }
    }
}
