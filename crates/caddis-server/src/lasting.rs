//! What outlives a config: handed from the one that is served to the one that takes its place.

use std::sync::Arc;

use crate::handlers::reverse_proxy::Hosts;
use crate::metrics::LastingMetrics;
use crate::passwords::Passwords;
use crate::rate_zones::Zones;
use crate::spans::Spans;

/// What outlives a config. Cheap to clone; all clones are the same.
#[derive(Clone)]
pub(crate) struct Lasting {
    /// Checks passwords, and remembers them.
    pub(crate) passwords: Arc<Passwords>,
    /// Who has asked how often.
    pub(crate) zones: Arc<Zones>,
    /// How busy and how well the servers are that upstreams name.
    pub(crate) hosts: Arc<Hosts>,
    /// What is counted of loads and of requests to the admin endpoint.
    pub(crate) metrics: Arc<LastingMetrics>,
    /// What a collector is told of requests.
    pub(crate) spans: Arc<Spans>,
}

impl Lasting {
    /// What the first config begins with.
    pub(crate) fn new() -> Self {
        Self {
            passwords: Passwords::new(),
            zones: Arc::default(),
            hosts: Arc::default(),
            metrics: Arc::new(LastingMetrics::new()),
            spans: Arc::default(),
        }
    }
}
