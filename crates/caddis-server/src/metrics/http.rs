//! What is counted of requests, by server, by the first handler of the route that they take, and by host if asked for.

use caddis_ir::Config;
use http::Method;
use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{HistogramOpts, HistogramVec, IntCounterVec, IntGaugeVec, Opts};

use super::hosts::Hosts;

/// The name of a metric, and what it is.
type Named = (&'static str, &'static str);

const IN_FLIGHT: Named = (
    "caddy_http_requests_in_flight",
    "Number of requests currently handled by this server.",
);
const REQUESTS: Named = (
    "caddy_http_requests_total",
    "Counter of HTTP(S) requests made.",
);
const ERRORS: Named = (
    "caddy_http_request_errors_total",
    "Number of requests resulting in middleware errors.",
);
const REQUEST_DURATION: Named = (
    "caddy_http_request_duration_seconds",
    "Histogram of round-trip request durations.",
);
const REQUEST_SIZE: Named = (
    "caddy_http_request_size_bytes",
    "Total size of the request. Includes body",
);
const RESPONSE_DURATION: Named = (
    "caddy_http_response_duration_seconds",
    "Histogram of times to first byte in response bodies.",
);
const RESPONSE_SIZE: Named = (
    "caddy_http_response_size_bytes",
    "Size of the returned response.",
);
/// The buckets of durations, in seconds.
const DURATIONS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];
/// The buckets of sizes, in bytes.
const SIZES: [f64; 8] = [
    256.0,
    1024.0,
    4096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
];

/// Counts requests.
pub(super) struct HttpMetrics {
    /// Which hosts are counted by themselves, if any.
    pub(super) hosts: Option<Hosts>,
    pub(super) in_flight: IntGaugeVec,
    pub(super) requests: IntCounterVec,
    pub(super) errors: IntCounterVec,
    pub(super) request_duration: HistogramVec,
    pub(super) request_size: HistogramVec,
    pub(super) response_duration: HistogramVec,
    pub(super) response_size: HistogramVec,
}

impl HttpMetrics {
    /// `None` if the config does not ask for it.
    pub(super) fn of(config: &Config) -> Option<Self> {
        let http = config.apps.http.as_ref()?;
        // What one server asks for is counted for all, as in Caddy.
        let mut asked = http
            .servers
            .values()
            .filter_map(|server| server.metrics.as_ref());
        let asked = http.metrics.as_ref().or_else(|| asked.next())?;
        let hosts = asked
            .per_host
            .then(|| Hosts::of(config, asked.observe_catchall_hosts));
        Some(Self::new(hosts))
    }

    fn new(hosts: Option<Hosts>) -> Self {
        let host = hosts.is_some().then_some("host");
        let labels = |names: &[&'static str]| names.iter().copied().chain(host).collect::<Vec<_>>();
        let few = labels(&["server", "handler"]);
        let many = labels(&["server", "handler", "code", "method"]);
        let histogram = |(name, help), buckets: &[f64]| {
            let opts = HistogramOpts::new::<&str, &str>(name, help).buckets(buckets.to_vec());
            HistogramVec::new(opts, &many).expect("a good name")
        };
        let opts = |(name, help)| Opts::new::<&str, &str>(name, help);
        let counter = |named| IntCounterVec::new(opts(named), &few).expect("a good name");
        Self {
            in_flight: IntGaugeVec::new(opts(IN_FLIGHT), &few).expect("a good name"),
            requests: counter(REQUESTS),
            errors: counter(ERRORS),
            request_duration: histogram(REQUEST_DURATION, &DURATIONS),
            request_size: histogram(REQUEST_SIZE, &SIZES),
            response_duration: histogram(RESPONSE_DURATION, &DURATIONS),
            response_size: histogram(RESPONSE_SIZE, &SIZES),
            hosts,
        }
    }

    pub(super) fn collect(&self) -> Vec<MetricFamily> {
        let mut families = self.in_flight.collect();
        families.extend(self.requests.collect());
        families.extend(self.errors.collect());
        for histogram in [
            &self.request_duration,
            &self.request_size,
            &self.response_duration,
            &self.response_size,
        ] {
            families.extend(histogram.collect());
        }
        families
    }
}

/// What a method is counted as: clients may make up as many as they like.
pub(super) fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::CONNECT => "CONNECT",
        Method::DELETE => "DELETE",
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::TRACE => "TRACE",
        _ => "OTHER",
    }
}
