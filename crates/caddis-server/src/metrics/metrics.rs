//! The metrics of a config, and those that outlive it.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use caddis_ir::Config;
use parking_lot::Mutex;
use prometheus::core::Collector;
use prometheus::proto::{Metric, MetricFamily};
use prometheus::{Gauge, GaugeVec, Opts};

use super::encode::{Format, encode};
use super::http::HttpMetrics;
use super::{AdminMetrics, process};

/// Says which upstreams there are, by the address that is dialled, and whether they are healthy.
pub(crate) type Upstreams = Arc<dyn Fn() -> Vec<(String, bool)> + Send + Sync>;

/// What outlives a config.
pub(crate) struct LastingMetrics {
    pub(crate) admin: AdminMetrics,
    loaded: Gauge,
    loaded_at: Gauge,
}

/// The metrics while a config is served.
pub(crate) struct Metrics {
    lasting: Arc<LastingMetrics>,
    /// Requests are counted only if the config asks for it.
    pub(super) http: Option<Arc<HttpMetrics>>,
    upstreams: Mutex<Vec<Upstreams>>,
}

impl LastingMetrics {
    pub(crate) fn new() -> Self {
        let gauge = |name, help| Gauge::new(name, help).expect("a good name");
        Self {
            admin: AdminMetrics::new(),
            loaded: gauge(
                "caddy_config_last_reload_successful",
                "Whether the last configuration reload attempt was successful.",
            ),
            loaded_at: gauge(
                "caddy_config_last_reload_success_timestamp_seconds",
                "Timestamp of the last successful configuration reload.",
            ),
        }
    }

    /// Notes what became of a load.
    pub(crate) fn loaded(&self, succeeded: bool) {
        self.loaded.set(f64::from(u8::from(succeeded)));
        if succeeded {
            let now = SystemTime::now().duration_since(UNIX_EPOCH);
            self.loaded_at.set(now.unwrap_or_default().as_secs_f64());
        }
    }
}

impl Metrics {
    /// The metrics of a config: its requests begin at nothing, as in Caddy.
    pub(crate) fn of(config: &Config, lasting: &Arc<LastingMetrics>) -> Self {
        Self {
            lasting: Arc::clone(lasting),
            http: HttpMetrics::of(config).map(Arc::new),
            upstreams: Mutex::default(),
        }
    }

    /// Has the health of some upstreams told.
    pub(crate) fn watch(&self, upstreams: Upstreams) {
        self.upstreams.lock().push(upstreams);
    }

    pub(crate) fn admin(&self) -> &AdminMetrics {
        &self.lasting.admin
    }

    /// Everything, as text. Reads files of the system: not for a thread that serves requests.
    pub(crate) fn text(&self, format: Format) -> String {
        let mut families = self.lasting.admin.collect();
        families.extend(self.lasting.loaded.collect());
        families.extend(self.lasting.loaded_at.collect());
        families.extend(self.http.iter().flat_map(|http| http.collect()));
        families.extend(self.upstreams());
        families.extend(process::collect());
        families.retain(|family| !family.get_metric().is_empty());
        families.iter_mut().for_each(sort_values);
        families.sort_by(|one, other| one.name().cmp(other.name()));
        encode(&families, format)
    }

    fn upstreams(&self) -> Vec<MetricFamily> {
        let healthy = Opts::new(
            "caddy_reverse_proxy_upstreams_healthy",
            "Health status of reverse proxy upstreams.",
        );
        let healthy = GaugeVec::new(healthy, &["upstream"]).expect("a good name");
        for (upstream, is_healthy) in self.upstreams.lock().iter().flat_map(|watched| watched()) {
            let gauge = healthy.with_label_values(&[upstream.as_str()]);
            gauge.set(f64::from(u8::from(is_healthy)));
        }
        healthy.collect()
    }
}

/// Puts the values of a family into the order of their labels.
fn sort_values(family: &mut MetricFamily) {
    let mut values = family.take_metric();
    let labels = |metric: &Metric| {
        let labels = metric.get_label().iter();
        labels
            .map(|label| label.value().to_owned())
            .collect::<Vec<_>>()
    };
    values.sort_by_cached_key(labels);
    family.set_metric(values);
}

#[cfg(test)]
impl Default for Metrics {
    fn default() -> Self {
        Self::of(&Config::default(), &Arc::new(LastingMetrics::new()))
    }
}
