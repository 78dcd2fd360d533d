//! Error routes: what answers a request that failed.

use caddis_ir::{ErrorRoutes, Path};
use http::{HeaderMap, Method, Uri, Version};

use crate::build::Builder;
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

    /// Keeps what error routes look at; the body is gone by then.
    pub(crate) fn keep(&self, request: &Request) -> Head {
        Head {
            method: request.method().clone(),
            uri: request.uri().clone(),
            version: request.version(),
            headers: request.headers().clone(),
        }
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
pub(crate) fn note(context: &Context, error: &HandlerError, status: http::StatusCode) {
    let mut notes = context.notes();
    notes.error = Some(status);
    notes.set_placeholder("http.error", error.to_string());
    notes.set_placeholder("http.error.status_code", status.as_str());
    notes.set_placeholder(
        "http.error.status_text",
        status.canonical_reason().unwrap_or_default(),
    );
    let message = error.source.as_ref().map(ToString::to_string);
    notes.set_placeholder("http.error.message", message.unwrap_or_default());
}
