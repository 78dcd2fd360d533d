//! `/metrics`: what is counted, for Prometheus; and the counting of requests to the admin endpoint.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, header};

use super::answer::Refusal;
use super::router::Site;
use crate::metrics::{Format, Metrics};

/// The paths that are counted; those that end in a slash with all that is below them.
const PATHS: [&str; 10] = [
    "/adapt",
    "/config/",
    "/debug/pprof/",
    "/debug/vars",
    "/id/",
    "/load",
    "/metrics",
    "/pki/",
    "/reverse_proxy/upstreams",
    "/stop",
];

/// Answers with the metrics, in Prometheus' own form, as Caddy does here.
pub(super) async fn metrics(State(site): State<Arc<Site>>) -> Response {
    let metrics = Arc::clone(&site.metrics);
    // Files of the system are read.
    match tokio::task::spawn_blocking(move || metrics.text(Format::Text)).await {
        Ok(text) => ([(header::CONTENT_TYPE, Format::Text.content_type())], text).into_response(),
        Err(error) => {
            Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
        }
    }
}

/// Counts a request that a handler answered.
pub(super) fn count(metrics: &Metrics, method: &Method, path: &str, status: StatusCode) {
    let is_at = |own: &&&str| path == **own || own.ends_with('/') && path.starts_with(**own);
    if let Some(path) = PATHS.iter().find(is_at) {
        metrics.admin().count(method, path, status);
    }
}
