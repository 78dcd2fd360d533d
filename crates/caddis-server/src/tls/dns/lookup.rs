//! Which zone a name is in, who serves it, and what is seen there.

use std::net::{IpAddr, SocketAddr};

use hickory_proto::op::ResponseCode;
use hickory_proto::rr::{Name, RData, RecordType};

use super::settings::Resolver;
use super::wire::{ask, of_kind};
use crate::tls::issue::Fault;

/// The most labels of a name that are looked at.
const LABELS: usize = 32;
/// The most servers of a zone that are asked.
const SERVERS: usize = 8;
const PORT: u16 = 53;

/// A name as DNS has it.
pub(super) fn name(text: &str) -> Result<Name, Fault> {
    let mut name = Name::from_ascii(text).map_err(|error| format!("`{text}`: {error}"))?;
    name.set_fqdn(true);
    Ok(name)
}

/// The zone that a name is in, as a server has it.
pub(super) async fn zone(server: SocketAddr, of: &Name) -> Result<Name, Fault> {
    let mut at = of.clone();
    for _ in 0..LABELS {
        let answer = ask(server, &at, RecordType::SOA).await?;
        let code = answer.metadata.response_code;
        if !matches!(code, ResponseCode::NoError | ResponseCode::NXDomain) {
            return Err(format!("DNS server {server}: {code} for `{at}`"));
        }
        if of_kind(&answer, RecordType::SOA).any(|record| record.name == at) {
            return Ok(at);
        }
        if at.is_root() {
            break;
        }
        at = at.base_name();
    }
    Err(format!("DNS server {server} knows no zone for `{of}`"))
}

/// The addresses of the servers that have a zone.
pub(super) async fn servers(resolver: SocketAddr, zone: &Name) -> Result<Vec<SocketAddr>, Fault> {
    let answer = ask(resolver, zone, RecordType::NS).await?;
    let mut found = Vec::new();
    for record in of_kind(&answer, RecordType::NS).take(SERVERS) {
        let RData::NS(name) = &record.data else {
            continue;
        };
        for kind in [RecordType::A, RecordType::AAAA] {
            let answer = ask(resolver, &name.0, kind).await?;
            let address = answer.answers.iter().find_map(|record| match &record.data {
                RData::A(address) => Some(IpAddr::from(address.0)),
                RData::AAAA(address) => Some(IpAddr::from(address.0)),
                _ => None,
            });
            if let Some(address) = address {
                found.push(SocketAddr::new(address, PORT));
                break;
            }
        }
    }
    if found.is_empty() {
        return Err(format!("no server of the zone `{zone}` is known"));
    }
    Ok(found)
}

/// True if a server shows a TXT record.
pub(super) async fn shows(server: SocketAddr, name: &Name, value: &str) -> Result<bool, Fault> {
    let answer = ask(server, name, RecordType::TXT).await?;
    let mut texts = answer
        .answers
        .iter()
        .filter_map(|record| match &record.data {
            RData::TXT(text) => Some(text.txt_data.concat()),
            _ => None,
        });
    Ok(texts.any(|text| text == value.as_bytes()))
}

/// The address of a server.
pub(super) async fn address(resolver: &Resolver) -> Result<SocketAddr, Fault> {
    match resolver {
        Resolver::At(address) => Ok(*address),
        Resolver::Named(name) => {
            let found = tokio::net::lookup_host(name.as_str()).await;
            let mut found = found.map_err(|error| format!("DNS server `{name}`: {error}"))?;
            let first = found.next();
            first.ok_or_else(|| format!("DNS server `{name}` has no address"))
        }
    }
}

/// The DNS server that the system asks.
pub(super) async fn of_system() -> Result<SocketAddr, Fault> {
    let read = tokio::task::spawn_blocking(hickory_resolver::system_conf::read_system_conf).await;
    let read = read.map_err(|error| error.to_string())?;
    let (config, _) = read.map_err(|error| format!("the system's DNS servers: {error}"))?;
    let first = config.name_servers().first();
    let first = first.ok_or("the system has no DNS servers: write `resolvers`")?;
    Ok(SocketAddr::new(first.ip, PORT))
}
