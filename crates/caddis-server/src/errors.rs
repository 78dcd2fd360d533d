//! Error routes: what answers a request that failed.

use std::sync::Arc;

use caddis_ir::{ErrorRoutes, Path};

use crate::builder::Builder;
use crate::record::{AccessLog, Failed, Failure, Head};
use crate::{Body, Context, HandlerError, Node, Request, Response, Result, route};

/// The routes that answer a request that failed.
pub(crate) struct ErrorTree(Node);

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

    /// Answers a request that failed.
    pub(crate) async fn answer(
        &self,
        head: &Head,
        context: &Context,
        failure: &Failure,
    ) -> Result<Response> {
        note(context, failure);
        let mut request = Request::new(Body::Empty);
        *request.method_mut() = head.method.clone();
        *request.uri_mut() = head.uri.clone();
        *request.version_mut() = head.version;
        *request.headers_mut() = head.headers.clone();
        request.extensions_mut().insert(context.clone());
        self.0.run(request).await
    }
}

/// Notes `{http.error.…}` for the routes to come.
fn note(context: &Context, failure: &Failure) {
    let status = failure.status;
    let mut notes = context.notes();
    notes.error = Some(status);
    notes.set_placeholder("http.error", failure.to_string());
    notes.set_placeholder("http.error.status_code", status.as_str());
    notes.set_placeholder(
        "http.error.status_text",
        status.canonical_reason().unwrap_or_default(),
    );
    notes.set_placeholder("http.error.message", failure.message.clone());
    notes.set_placeholder("http.error.trace", failure.trace.clone());
    notes.set_placeholder("http.error.id", failure.id.clone());
}

/// What there is to say of an error; nothing of an abort.
pub(crate) fn failure(error: &HandlerError) -> Option<Failure> {
    let message = error.source.as_ref().map(ToString::to_string);
    Some(Failure {
        message: message.unwrap_or_default(),
        status: error.status?,
        id: new_id(),
        trace: error.trace(),
    })
}

/// Writes down a failure: in the log `http.log.error`, or where `tracing` goes if the server has no logs.
pub(crate) fn log(
    log: Option<&dyn AccessLog>,
    head: Option<&Arc<Head>>,
    context: &Context,
    failed: Failed<'_>,
) {
    match (log, head, failed) {
        (Some(log), Some(head), failed) => log.failed(head, context, failed),
        (_, _, Failed::Plainly(failure)) if failure.status.is_server_error() => {
            tracing::error!(target: "http.log.error", "{failure}");
        }
        (_, _, Failed::Twice { again, .. }) => {
            tracing::error!(target: "http.log.error", "{again}");
        }
        (_, _, Failed::Plainly(_) | Failed::Answered(_)) => {}
    }
}

/// Nine letters and digits, by which a client can name an error and the log has it.
fn new_id() -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let random: [u8; 9] = rand::random();
    let letters = random.iter().map(|byte| LETTERS[usize::from(byte % 32)]);
    letters.map(char::from).collect()
}
