//! Upstreams that are looked up: what was found is used until it is due to be looked up again.

use std::collections::HashMap;
use std::fmt::Display;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;
use tracing::warn;

use super::host::Hosts;
use super::member::{Limits, Member, Place};
use super::upstream::Address;
use crate::lookup::{Kind, Lookup};
use crate::placeholders::{Template, Values};

/// How many names are remembered with what was found; as many as in Caddy.
const MAX_NAMES: usize = 100;
/// How long it is remembered that nothing was found, so that no line forms where the DNS is silent.
const NOTHING_FOR: Duration = Duration::from_secs(1);

/// Where upstreams are looked up.
pub(super) enum Source {
    /// Addresses of a name.
    Addresses(Addresses),
    /// Servers of a service.
    Services(Services),
    /// Several places; those that know nothing are left out.
    Several(Vec<Source>),
}

pub(super) struct Addresses {
    pub(super) name: Template,
    pub(super) port: Template,
    pub(super) kind: Kind,
    pub(super) finder: Finder,
}

pub(super) struct Services {
    /// Empty if the name is the whole of it.
    pub(super) service: Template,
    pub(super) proto: Template,
    pub(super) name: Template,
    /// What stands before the addresses: `tcp/`, or nothing.
    pub(super) network: Box<str>,
    pub(super) finder: Finder,
}

/// Looks up, and remembers.
pub(super) struct Finder {
    pub(super) lookup: Lookup,
    pub(super) refresh: Duration,
    /// How much longer something is used when the next look fails.
    pub(super) grace: Option<Duration>,
    pub(super) maker: Arc<Maker>,
    pub(super) known: Mutex<HashMap<Box<str>, Arc<Name>>>,
}

/// Makes upstreams of addresses.
pub(super) struct Maker {
    pub(super) hosts: Arc<Hosts>,
    pub(super) most: i64,
    pub(super) max_failures: Option<usize>,
    pub(super) workers: usize,
}

/// What was found for a name. Only one look is under way at a time.
type Name = tokio::sync::Mutex<Option<Found>>;

#[derive(Clone)]
pub(super) struct Found {
    members: Result<Members, String>,
    until: Instant,
}

pub(super) type Members = Arc<[Arc<Member>]>;
type Finding<'a> = Pin<Box<dyn Future<Output = Result<Members, String>> + Send + 'a>>;

impl Source {
    /// The upstreams for a request.
    pub(super) fn find<'a>(&'a self, values: &Values<'_>) -> Finding<'a> {
        match self {
            Self::Addresses(addresses) => {
                let name = addresses.name.fill_text(values).into_owned();
                let port = addresses.port.fill_text(values).into_owned();
                Box::pin(addresses.find(name, port))
            }
            Self::Services(services) => Box::pin(services.find(services.whole_name(values))),
            Self::Several(sources) => {
                let all: Vec<_> = sources.iter().map(|source| source.find(values)).collect();
                Box::pin(several(all))
            }
        }
    }
}

async fn several(all: Vec<Finding<'_>>) -> Result<Members, String> {
    let mut members = Vec::new();
    for one in all {
        match one.await {
            Ok(found) => members.extend(found.iter().cloned()),
            Err(error) => warn!(
                target: "http.reverse_proxy.upstreams.multi",
                error,
                "one of several sources of upstreams is left out"
            ),
        }
    }
    Ok(members.into())
}

impl Addresses {
    async fn find(&self, name: String, port: String) -> Result<Members, String> {
        let key = dial(&name, &port);
        let look = async {
            let found = self.finder.lookup.addresses(&name, self.kind).await?;
            let dials = found.into_iter().map(|address| dial(&address, &port));
            Ok(dials.collect())
        };
        self.finder.find(&key, look).await
    }
}

impl Services {
    fn whole_name(&self, values: &Values<'_>) -> String {
        let [service, proto, name] =
            [&self.service, &self.proto, &self.name].map(|part| part.fill_text(values));
        if service.is_empty() && proto.is_empty() {
            return name.into_owned();
        }
        format!("_{service}._{proto}.{name}")
    }

    async fn find(&self, name: String) -> Result<Members, String> {
        let look = async {
            let found = self.finder.lookup.services(&name).await?;
            let dials = found.into_iter();
            let dials = dials.map(|one| format!("{}{}", self.network, dial(&one.host, &one.port)));
            Ok(dials.collect())
        };
        self.finder.find(&name, look).await
    }
}

/// Host and port, with brackets around an IPv6 address.
fn dial(host: &impl ToString, port: &impl Display) -> String {
    let host = host.to_string();
    if host.contains(':') {
        format!("[{host}]:{port}")
    } else {
        format!("{host}:{port}")
    }
}

impl Finder {
    /// What is known of a name, or what a look finds.
    async fn find(
        &self,
        name: &str,
        look: impl Future<Output = Result<Vec<String>, String>>,
    ) -> Result<Members, String> {
        let known = self.name(name);
        let mut known = known.lock().await;
        let now = Instant::now();
        let before = match known.take() {
            Some(found) if now < found.until => {
                *known = Some(found.clone());
                return found.members;
            }
            Some(found) => found.members.ok(),
            None => None,
        };
        let found = self.renewed(look.await, before.as_ref());
        let members = found.members.clone();
        *known = Some(found);
        members
    }

    fn name(&self, name: &str) -> Arc<Name> {
        let mut known = self.known.lock();
        if let Some(known) = known.get(name) {
            return Arc::clone(known);
        }
        let any = known.keys().next().cloned();
        if let Some(any) = any.filter(|_| known.len() >= MAX_NAMES) {
            known.remove(&any);
        }
        let fresh = Arc::<Name>::default();
        known.insert(name.into(), Arc::clone(&fresh));
        fresh
    }

    /// What is known after a look: what was known before, if that failed and the config says so.
    fn renewed(&self, looked: Result<Vec<String>, String>, before: Option<&Members>) -> Found {
        let now = Instant::now();
        match (looked, before, self.grace) {
            (Ok(dials), _, _) => Found {
                members: Ok(self.maker.members(&dials, before)),
                until: now + self.refresh,
            },
            (Err(error), Some(before), Some(grace)) => {
                warn!(target: "http.reverse_proxy.upstreams", error, "upstreams cannot be looked up; those that are known are used on");
                Found {
                    members: Ok(Arc::clone(before)),
                    until: now + grace,
                }
            }
            (Err(error), _, _) => Found {
                members: Err(error),
                until: now + NOTHING_FOR,
            },
        }
    }
}

impl Maker {
    /// An upstream for each address; those that were known keep their connections.
    fn members(&self, dials: &[String], before: Option<&Members>) -> Members {
        let known = before.into_iter().flat_map(|members| members.iter());
        let known: HashMap<&str, &Arc<Member>> =
            known.map(|member| (&*member.dial, member)).collect();
        let members = dials
            .iter()
            .filter_map(|dial| match known.get(dial.as_str()) {
                Some(member) => Some(Arc::clone(member)),
                None => self.member(dial),
            });
        members.collect()
    }

    fn member(&self, dial: &str) -> Option<Arc<Member>> {
        let address = Address::parse(dial);
        let address = address.inspect_err(
            |error| warn!(target: "http.reverse_proxy.upstreams", error, "an upstream is left out"),
        );
        let limits = Limits {
            state: self.hosts.get(dial),
            most: self.most,
            max_failures: self.max_failures,
        };
        let place = Place::fixed(address.ok()?, &limits, self.workers);
        Some(Arc::new(Member::new(dial, limits, place)))
    }
}
