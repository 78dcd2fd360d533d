//! `metrics`: answer with the metrics of the server.

use std::sync::Arc;

use caddis_ir::{MetricsHandler, Path};
use http::{StatusCode, header};

use crate::builder::Builder;
use crate::metrics::{Format, Metrics};
use crate::node::Handle;
use crate::{Body, Context, HandlerError, Node, Request, Response, Result};

struct Scrape {
    metrics: Arc<Metrics>,
    openmetrics: bool,
}

/// Prepares the answer.
pub(crate) fn build(
    config: &MetricsHandler,
    _: &Path,
    builder: &mut Builder<'_>,
    next: Node,
) -> Node {
    let scrape = Scrape {
        metrics: builder.metrics(),
        openmetrics: !config.disable_openmetrics,
    };
    Node::handler(scrape, next)
}

impl Handle for Scrape {
    async fn handle(&self, request: Request, _: &Node) -> Result<Response> {
        let format = if self.openmetrics {
            Format::asked(request.headers())
        } else {
            Format::Text
        };
        let metrics = Arc::clone(&self.metrics);
        // Files of the system are read.
        let text = tokio::task::spawn_blocking(move || metrics.text(format)).await;
        let text = text.map_err(|error| {
            HandlerError::status(StatusCode::INTERNAL_SERVER_ERROR).because(error)
        })?;
        let mut response = Context::of(&request).response(Body::from(text));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, format.content_type());
        Ok(response)
    }
}
