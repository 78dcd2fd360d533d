//! How the DNS challenge of an issuer is answered.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use caddis_ir::{DnsChallenge, TlsApp};

use super::provider::{Provide, Record, provider};
use crate::tls::issue::Fault;

/// How long to look for a record if the config does not say.
const PATIENCE: Duration = Duration::from_mins(2);
/// Where DNS servers listen.
const PORT: u16 = 53;

/// How the DNS challenge of an issuer is answered.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(in crate::tls) provider: Arc<dyn Provide>,
    /// Before the first look for the record.
    pub(super) delay: Duration,
    /// How long to look for the record; no look at all if `None`.
    pub(super) patience: Option<Duration>,
    /// The servers to look at; those of the zone if empty.
    pub(super) resolvers: Vec<Resolver>,
    ttl: Duration,
    name: String,
}

/// A DNS server by its address, or by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Resolver {
    At(SocketAddr),
    Named(String),
}

impl Settings {
    /// As the config has them; what it does not say of this challenge, it may say for all.
    pub(crate) fn new(challenge: &DnsChallenge, tls: Option<&TlsApp>) -> Result<Self, Fault> {
        let general = tls.and_then(|tls| tls.dns.as_ref());
        let given = challenge.provider.as_ref().or(general);
        let given = given
            .ok_or("the DNS challenge needs a DNS provider: `dns exec …` or `dns rfc2136 …`")?;
        let mut resolvers = challenge.resolvers.as_slice();
        if resolvers.is_empty() {
            resolvers = tls.map_or(&[], |tls| &tls.resolvers);
        }
        let time = |time: Option<caddis_ir::Duration>| {
            let time = time.filter(|time| time.0 > 0);
            time.map(caddis_ir::Duration::to_std)
        };
        let never = challenge.propagation_timeout.is_some_and(|time| time.0 < 0);
        let patience = time(challenge.propagation_timeout).unwrap_or(PATIENCE);
        Ok(Self {
            provider: provider(given)?,
            delay: time(challenge.propagation_delay).unwrap_or_default(),
            patience: (!never).then_some(patience),
            resolvers: resolvers.iter().map(|text| resolver(text)).collect(),
            ttl: time(challenge.ttl).unwrap_or_default(),
            name: challenge.override_domain.clone(),
        })
    }

    /// The record that shows whose a name is.
    pub(in crate::tls) fn record(&self, name: &str, value: String) -> Record {
        let name = name.strip_prefix("*.").unwrap_or(name);
        let name = match self.name.as_str() {
            "" => format!("_acme-challenge.{name}"),
            given => given.to_owned(),
        };
        Record {
            name: format!("{}.", name.trim_end_matches('.')),
            value,
            ttl: self.ttl,
        }
    }
}

/// `1.1.1.1`, `[::1]:5353`, `dns.example.com`, with the prefixes of protocols that Caddy takes.
pub(super) fn resolver(text: &str) -> Resolver {
    let text = text.split_once('/').map_or(text, |(_, address)| address);
    let plain = text.trim_start_matches('[').trim_end_matches(']');
    if let Ok(address) = text.parse() {
        Resolver::At(address)
    } else if let Ok(address) = plain.parse::<IpAddr>() {
        Resolver::At((address, PORT).into())
    } else if text.contains(':') {
        Resolver::Named(text.to_owned())
    } else {
        Resolver::Named(format!("{text}:{PORT}"))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use caddis_ir::{DnsChallenge, DnsProvider};

    use super::{Resolver, Settings, resolver};

    fn challenge() -> DnsChallenge {
        DnsChallenge {
            provider: Some(DnsProvider::Exec {
                command: vec!["true".into()],
            }),
            ..DnsChallenge::default()
        }
    }

    #[test]
    fn the_record_of_a_wildcard_is_that_of_its_domain() {
        let mut challenge = challenge();
        let name = |challenge: &DnsChallenge, name| {
            let settings = Settings::new(challenge, None).unwrap();
            settings.record(name, String::new()).name
        };
        for of in ["a.test", "*.a.test"] {
            assert_eq!(name(&challenge, of), "_acme-challenge.a.test.");
        }
        challenge.override_domain = "x.b.test".into();
        assert_eq!(name(&challenge, "*.a.test"), "x.b.test.");
    }

    #[test]
    fn who_waits_for_nothing_says_minus_one() {
        let patience = |time: Option<i64>| {
            let mut challenge = challenge();
            challenge.propagation_timeout = time.map(caddis_ir::Duration);
            Settings::new(&challenge, None).unwrap().patience
        };
        assert_eq!(patience(None), Some(Duration::from_mins(2)));
        assert_eq!(patience(Some(1_000_000_000)), Some(Duration::from_secs(1)));
        assert_eq!(patience(Some(-1)), None);
    }

    #[test]
    fn servers_are_named_in_several_ways() {
        let at = |text: &str| Resolver::At(text.parse().unwrap());
        assert_eq!(resolver("1.1.1.1"), at("1.1.1.1:53"));
        assert_eq!(resolver("udp/1.1.1.1:5353"), at("1.1.1.1:5353"));
        assert_eq!(resolver("::1"), at("[::1]:53"));
        assert_eq!(resolver("[::1]:54"), at("[::1]:54"));
        assert_eq!(resolver("ns.test"), Resolver::Named("ns.test:53".into()));
    }

    #[test]
    fn without_a_provider_there_is_no_challenge() {
        assert!(Settings::new(&DnsChallenge::default(), None).is_err());
    }
}
