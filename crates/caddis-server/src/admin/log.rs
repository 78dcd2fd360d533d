//! What the log is told of requests to the admin endpoint, as Caddy tells it.

use std::error::Error;
use std::net::SocketAddr;

use axum::extract::Request;
use tracing::{error, info};

use super::answer::Refusal;
use crate::log::{Nested, headers, host};

/// A request came in.
pub(super) fn received(request: &Request, peer: SocketAddr) {
    let fields = Nested(headers(request.headers(), false));
    info!(
        target: "admin.api",
        method = %request.method(),
        host = host(request.uri(), request.headers()),
        uri = %request.uri().path_and_query().map_or("", |uri| uri.as_str()),
        remote_ip = %peer.ip(),
        remote_port = %peer.port(),
        headers = &fields as &(dyn Error + 'static),
        "received request"
    );
}

/// A request was refused.
pub(super) fn refused(refusal: &Refusal) {
    error!(
        target: "admin.api",
        error = refusal.message,
        status_code = refusal.status.as_u16(),
        "request error"
    );
}
