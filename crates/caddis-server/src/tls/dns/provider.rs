//! Whoever manages DNS records for us.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use caddis_ir::DnsProvider;

use super::exec::Exec;
use super::rfc2136::Rfc2136;
use crate::tls::issue::Fault;

/// A change of a zone that is under way.
pub(in crate::tls) type Changing<'a> = Pin<Box<dyn Future<Output = Result<(), Fault>> + Send + 'a>>;

/// Manages DNS records.
pub(in crate::tls) trait Provide: fmt::Debug + Send + Sync {
    /// Puts a TXT record into its zone. Others of the same name stay.
    fn add<'a>(&'a self, record: &'a Record) -> Changing<'a>;

    /// Takes that record out again.
    fn remove<'a>(&'a self, record: &'a Record) -> Changing<'a>;
}

/// A TXT record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tls) struct Record {
    /// Its full name, with a dot at the end.
    pub(in crate::tls) name: String,
    pub(in crate::tls) value: String,
    /// How long others may keep it.
    pub(in crate::tls) ttl: Duration,
}

/// The provider that the config names.
pub(super) fn provider(config: &DnsProvider) -> Result<Arc<dyn Provide>, Fault> {
    match config {
        DnsProvider::Exec { command } => Ok(Arc::new(Exec::new(command)?)),
        DnsProvider::Rfc2136(config) => Ok(Arc::new(Rfc2136::new(config)?)),
    }
}
