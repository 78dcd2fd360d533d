//! Which handler answers which path.

use std::borrow::Cow;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use axum::{Extension, Router};
use http::{HeaderValue, StatusCode, Uri, header};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

use super::address::Guests;
use super::answer::{Refusal, Told};
use super::bodies::Bodies;
use super::guard::{admit, grant};
use super::pki::Authorities;
use super::serving::Serving;
use super::{config, load, log, metrics, pki, upstreams};
use crate::Adapt;
use crate::handlers::reverse_proxy::Hosts;
use crate::metrics::Metrics;

/// What is escaped in a path.
const IN_PATH: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'`')
    .add(b'{')
    .add(b'}')
    .add(b'[')
    .add(b']')
    .add(b'^')
    .add(b'|')
    .add(b'\\');
/// Paths below which there is something: without a slash at their end, that is added.
const FOLDERS: [&str; 3] = ["/config", "/id", "/pki"];

/// What handlers need.
pub(super) struct Site {
    pub(super) guests: Guests,
    pub(super) serving: Arc<dyn Serving>,
    /// Reads configs in other languages than JSON.
    pub(super) adapt: Option<Arc<dyn Adapt>>,
    pub(super) authorities: Authorities,
    /// The room for bodies that are read.
    pub(super) bodies: Bodies,
    /// The servers that upstreams name.
    pub(super) hosts: Arc<Hosts>,
    pub(super) metrics: Arc<Metrics>,
}

/// The endpoint, ready to answer. A request has the address of its sender as an extension.
pub(super) fn router(site: Arc<Site>) -> Router {
    Router::new()
        .route("/load", any(load::load))
        .route("/adapt", any(load::adapt))
        .route("/stop", any(load::stop))
        .route("/config/", any(config::config))
        .route("/config/{*path}", any(config::config))
        .route("/id/", any(config::id))
        .route("/id/{*path}", any(config::id))
        .route("/pki/", any(pki::pki))
        .route("/pki/{*path}", any(pki::pki))
        .route("/metrics", any(metrics::metrics))
        .route("/reverse_proxy/upstreams", any(upstreams::upstreams))
        .route("/debug/{*path}", any(absent))
        .fallback(unknown)
        .layer(from_fn_with_state(Arc::clone(&site), door))
        .with_state(site)
}

/// Lets those in who may ask.
async fn door(
    State(site): State<Arc<Site>>,
    Extension(peer): Extension<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    log::received(&request, peer);
    let response = match admit(&request, &site.guests) {
        Err(refusal) => refusal.into_response(),
        Ok(granted) => grant(granted, counted(&site.metrics, request, next).await),
    };
    if let Some(Told(refusal)) = response.extensions().get() {
        log::refused(refusal);
    }
    response
}

async fn counted(metrics: &Metrics, request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), path(request.uri()));
    let response = answer(request, next).await;
    if !response.status().is_redirection() {
        metrics::count(metrics, &method, &path, response.status());
    }
    response
}

async fn answer(request: Request, next: Next) -> Response {
    if !is_well_formed(request.uri()) {
        return Refusal::bad("the path is not well-formed").into_response();
    }
    match moved(request.uri()) {
        Some(place) => (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, place)]).into_response(),
        None => next.run(request).await,
    }
}

/// Where a path leads that is not written in its shortest form, as in Go.
fn moved(uri: &Uri) -> Option<HeaderValue> {
    let path = path(uri);
    let mut steps = Vec::new();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    let mut clean = format!("/{}", steps.join("/"));
    if clean != "/" && (path.ends_with('/') || FOLDERS.contains(&clean.as_str())) {
        clean.push('/');
    }
    if clean == path {
        return None;
    }
    let escaped = utf8_percent_encode(&clean, IN_PATH);
    let query = uri.query().map(|query| format!("?{query}"));
    HeaderValue::try_from(format!("{escaped}{}", query.unwrap_or_default())).ok()
}

/// The path of a request without escapes.
pub(super) fn path(uri: &Uri) -> String {
    let path: Cow<'_, str> = percent_decode_str(uri.path()).decode_utf8_lossy();
    path.into_owned()
}

/// True if it is a path, and every `%` in it begins an escape.
fn is_well_formed(uri: &Uri) -> bool {
    let mut escapes = uri.path().split('%');
    let begins_well = escapes.next().is_some_and(|first| first.starts_with('/'));
    begins_well
        && escapes.all(|rest| {
            let code = rest.as_bytes().get(..2);
            code.is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit))
        })
}

/// What Caddy has and we do not have yet.
async fn absent(request: Request) -> Refusal {
    let path = path(request.uri());
    Refusal::new(
        StatusCode::NOT_FOUND,
        format!("`{path}` is not supported yet"),
    )
}

async fn unknown(request: Request) -> Response {
    let text = format!("there is nothing at {}\n", request.uri().path());
    let no_guesses = (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    (StatusCode::NOT_FOUND, [no_guesses], text).into_response()
}
