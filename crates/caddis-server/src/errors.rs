//! Error routes: what answers a request that failed.

use caddis_ir::{ErrorRoutes, Path};
use http::{HeaderMap, Method, Uri, Version};

use crate::build::Builder;
use crate::placeholders::protocol;
use crate::{Body, Context, HandlerError, Node, Request, Response, Result, route};

/// The routes that answer a request that failed.
pub(crate) struct ErrorTree(Node);

/// The head of a request, kept for the case that it fails.
pub(crate) struct Head {
    method: Method,
    uri: Uri,
    version: Version,
    headers: HeaderMap,
}

impl Head {
    /// Keeps what error routes look at; the body is gone by then.
    pub(crate) fn of(request: &Request) -> Self {
        Self {
            method: request.method().clone(),
            uri: request.uri().clone(),
            version: request.version(),
            headers: request.headers().clone(),
        }
    }

    /// With method and target as they were sent: Caddy undoes rewrites for the error routes of a server.
    pub(crate) fn original(mut self, context: &Context) -> Self {
        self.method = context.original_method().clone();
        self.uri = context.original_uri().clone();
        self
    }
}

impl ErrorTree {
    pub(crate) fn build(
        routes: &ErrorRoutes,
        at: &Path,
        builder: &mut Builder<'_>,
        next: Node,
    ) -> Self {
        Self(route::chain(
            &routes.routes,
            &at.key("routes"),
            builder,
            next,
        ))
    }

    /// Answers a request that failed. An abort stays one.
    pub(crate) async fn answer(
        &self,
        head: Head,
        context: &Context,
        error: HandlerError,
    ) -> Result<Response> {
        let Some(status) = error.status else {
            return Err(error);
        };
        note(context, &error, status);
        let mut request = Request::new(Body::Empty);
        *request.method_mut() = head.method;
        *request.uri_mut() = head.uri;
        *request.version_mut() = head.version;
        *request.headers_mut() = head.headers;
        request.extensions_mut().insert(context.clone());
        self.0.run(request).await
    }
}

/// Notes `{http.error.…}` for the routes to come.
fn note(context: &Context, error: &HandlerError, status: http::StatusCode) {
    let mut notes = context.notes();
    notes.error = Some(status);
    let id = notes.error_id.get_or_insert_with(new_id).clone();
    let message = error.source.as_ref().map(ToString::to_string);
    let message = message.unwrap_or_default();
    let whole = format!("{{id={id}}} HTTP {}: {message}", status.as_u16());
    notes.set_placeholder("http.error", whole);
    notes.set_placeholder("http.error.status_code", status.as_str());
    notes.set_placeholder(
        "http.error.status_text",
        status.canonical_reason().unwrap_or_default(),
    );
    notes.set_placeholder("http.error.message", message);
    notes.set_placeholder("http.error.trace", "");
    notes.set_placeholder("http.error.id", id);
}

/// Writes an error to the log `http.log.error`: as an error if we or an upstream failed, at debug if the client did.
pub(crate) fn log(context: &Context, error: &HandlerError) {
    let Some(status) = error.status else { return };
    let is_ours = status.is_server_error();
    if !is_ours && !tracing::enabled!(target: "http.log.error", tracing::Level::DEBUG) {
        return;
    }
    let err_id = (context.notes().error_id)
        .get_or_insert_with(new_id)
        .clone();
    let message = error.source.as_ref().map(ToString::to_string);
    let message = message.unwrap_or_default();
    let connection = context.connection();
    macro_rules! entry {
        ($level:expr) => {
            tracing::event!(
                target: "http.log.error",
                $level,
                request.remote_ip = %connection.peer.ip(),
                request.remote_port = %connection.peer.port(),
                request.client_ip = %context.client_ip(),
                request.proto = protocol(context.version()),
                request.method = %context.original_method(),
                request.host = context.host(),
                request.uri = %context.original_uri(),
                duration = context.started().elapsed().as_secs_f64(),
                status = status.as_u16(),
                err_id = err_id.as_str(),
                "{message}"
            );
        };
    }
    if is_ours {
        entry!(tracing::Level::ERROR);
    } else {
        entry!(tracing::Level::DEBUG);
    }
}

/// Nine letters and digits, by which a client can name an error and the log has it.
fn new_id() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let random: [u8; 9] = rand::random();
    let letters = random.iter().map(|byte| LETTERS[usize::from(byte % 32)]);
    letters.map(char::from).collect()
}
