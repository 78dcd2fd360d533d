//! Waits until a record that was put into a zone is seen by those who will look for it.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::time::{Instant, sleep};
use tracing::debug;

use super::lookup::{address, name, of_system, servers, shows, zone};
use super::{Record, Settings};
use crate::tls::issue::Fault;

/// The time between two looks, as in Caddy.
const PAUSE: Duration = Duration::from_secs(2);

/// Waits until a record is seen, as long as the config says.
pub(in crate::tls) async fn wait(settings: &Settings, record: &Record) -> Result<(), Fault> {
    sleep(settings.delay).await;
    let Some(patience) = settings.patience else {
        return Ok(());
    };
    let start = Instant::now();
    loop {
        let fault = match is_seen(settings, record).await {
            Ok(true) => return Ok(()),
            Ok(false) => "it is not there yet".to_owned(),
            Err(fault) => fault,
        };
        debug!(target: "tls.issuance.acme", name = record.name, error = fault, "looking for a DNS record");
        if start.elapsed() + PAUSE >= patience {
            return Err(format!(
                "the TXT record of `{}` was not seen in {} s: {fault}",
                record.name,
                patience.as_secs()
            ));
        }
        sleep(PAUSE).await;
    }
}

/// True if all servers that are looked at show the record.
async fn is_seen(settings: &Settings, record: &Record) -> Result<bool, Fault> {
    let wanted = name(&record.name)?;
    for server in to_look_at(settings, record).await? {
        if !shows(server, &wanted, &record.value).await? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The servers that the config names, else those of the zone.
async fn to_look_at(settings: &Settings, record: &Record) -> Result<Vec<SocketAddr>, Fault> {
    let mut found = Vec::with_capacity(settings.resolvers.len());
    for resolver in &settings.resolvers {
        found.push(address(resolver).await?);
    }
    if found.is_empty() {
        let system = of_system().await?;
        let zone = zone(system, &name(&record.name)?).await?;
        found = servers(system, &zone).await?;
    }
    Ok(found)
}
