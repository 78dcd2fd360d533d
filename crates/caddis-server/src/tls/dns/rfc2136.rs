//! `dns rfc2136`: dynamic updates of a zone at its own server, signed with a shared secret.

use hickory_proto::op::{Message, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::{DNSClass, RData, Record as DnsRecord, RecordType};
use time::OffsetDateTime;

use super::lookup::{address, name, zone};
use super::provider::{Changing, Provide, Record};
use super::settings::{Resolver, resolver};
use super::tsig::Secret;
use super::wire::over_tcp;
use crate::tls::issue::Fault;

/// Updates zones.
#[derive(Debug)]
pub(super) struct Rfc2136 {
    server: Resolver,
    secret: Secret,
}

/// What becomes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Add,
    Remove,
}

impl Rfc2136 {
    pub(super) fn new(config: &caddis_ir::Rfc2136) -> Result<Self, Fault> {
        if config.server.is_empty() {
            return Err("`dns rfc2136` needs the address of a `server`".into());
        }
        Ok(Self {
            server: resolver(&config.server),
            secret: Secret::new(&config.key_name, &config.key_alg, &config.key)?,
        })
    }

    async fn change(&self, change: Change, record: &Record) -> Result<(), Fault> {
        let server = address(&self.server).await?;
        let zone = zone(server, &name(&record.name)?).await?;
        let mut update = Message::query();
        update.metadata.op_code = OpCode::Update;
        update.metadata.recursion_desired = false;
        let id = update.metadata.id;
        // An update has the zone where a question has its name, and the changes where an answer has authorities.
        update.add_query(Query::query(zone.clone(), RecordType::SOA));
        update.add_authority(changed(change, record)?);
        let bytes = update.to_vec().map_err(|error| error.to_string())?;
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let signed = self
            .secret
            .sign(bytes, u64::try_from(now).unwrap_or_default())?;
        let answer = over_tcp(server, &signed, id).await?;
        match answer.metadata.response_code {
            ResponseCode::NoError => Ok(()),
            code => Err(format!(
                "DNS server {server} does not change `{zone}`: {code}"
            )),
        }
    }
}

fn changed(change: Change, record: &Record) -> Result<DnsRecord, Fault> {
    let text = RData::TXT(TXT::new(vec![record.value.clone()]));
    let ttl = match change {
        Change::Add => u32::try_from(record.ttl.as_secs()).unwrap_or(u32::MAX),
        Change::Remove => 0,
    };
    let mut changed = DnsRecord::from_rdata(name(&record.name)?, ttl, text);
    if change == Change::Remove {
        // A record of no class is taken out (RFC 2136, 2.5.4).
        changed.dns_class = DNSClass::NONE;
    }
    Ok(changed)
}

impl Provide for Rfc2136 {
    fn add<'a>(&'a self, record: &'a Record) -> Changing<'a> {
        Box::pin(self.change(Change::Add, record))
    }

    fn remove<'a>(&'a self, record: &'a Record) -> Changing<'a> {
        Box::pin(self.change(Change::Remove, record))
    }
}
