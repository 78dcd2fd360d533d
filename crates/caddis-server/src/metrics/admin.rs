//! What is counted of requests to the admin endpoint.

use http::{Method, StatusCode};
use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{IntCounterVec, Opts};

use super::http::method_label;

/// Counts requests to the admin endpoint.
pub(crate) struct AdminMetrics {
    requests: IntCounterVec,
    errors: IntCounterVec,
}

impl AdminMetrics {
    pub(super) fn new() -> Self {
        let counter = |name, help, labels: &[&str]| {
            IntCounterVec::new(Opts::new(name, help), labels).expect("a good name")
        };
        Self {
            requests: counter(
                "caddy_admin_http_requests_total",
                "Counter of requests made to the Admin API's HTTP endpoints.",
                &["code", "handler", "method", "path"],
            ),
            errors: counter(
                "caddy_admin_http_request_errors_total",
                "Number of requests resulting in middleware errors.",
                &["handler", "method", "path"],
            ),
        }
    }

    /// Counts a request that was let in. `path` is that of the handler, without what the client added.
    pub(crate) fn count(&self, method: &Method, path: &str, status: StatusCode) {
        let method = method_label(method);
        let code = status.as_str();
        let requests = &self.requests;
        requests
            .with_label_values(&[code, "admin", method, path])
            .inc();
        if status.is_client_error() || status.is_server_error() {
            let errors = &self.errors;
            errors.with_label_values(&["admin", method, path]).inc();
        }
    }

    pub(super) fn collect(&self) -> Vec<MetricFamily> {
        let mut families = self.requests.collect();
        families.extend(self.errors.collect());
        families
    }
}
