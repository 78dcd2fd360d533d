//! `/reverse_proxy/upstreams`: how busy and how well the upstreams are.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::Method;
use serde_json::{Value, json};

use super::answer::{Refusal, json_body};
use super::router::Site;

/// Lists the upstreams of the config, each once, by what they are called there.
pub(super) async fn upstreams(
    State(site): State<Arc<Site>>,
    request: Request,
) -> Result<Response, Refusal> {
    if request.method() != Method::GET {
        return Err(Refusal::method(request.method(), "GET"));
    }
    let hosts = site.hosts.all().into_iter();
    let listed = hosts.map(|(address, host)| {
        json!({
            "address": address,
            "num_requests": host.requests(),
            "fails": host.failures(),
        })
    });
    Ok(json_body(&Value::from_iter(listed)).into_response())
}
