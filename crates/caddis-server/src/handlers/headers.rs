//! `headers`: edit the header of the request, or of the response.

use caddis_ir::{Headers, Path, ResponseHeaderRules};
use http::{HeaderMap, StatusCode};

use crate::builder::Builder;
use crate::handlers::header_rules::{Onto, Rules};
use crate::matchers::ResponseMatcher;
use crate::placeholders::Values;
use crate::{Context, Edit, Handle, Node, Request, Response, Result};

/// Prepares the edits.
pub(crate) fn build(config: &Headers, at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    let mut node = next;
    if let Some(response) = &config.response {
        let rules = ResponseRules::build(response, &at.key("response"), builder);
        node = if response.deferred || response.require.is_some() {
            Node::handler(AfterResponse(rules), node)
        } else {
            Node::edit(BeforeResponse(rules.rules), node)
        };
    }
    if let Some(request) = &config.request {
        let rules = Rules::build(request, &at.key("request"), builder);
        node = Node::edit(OfRequest(rules), node);
    }
    node
}

/// Edits of a response's header, for the responses that are as required.
pub(crate) struct ResponseRules {
    pub(crate) rules: Rules,
    require: ResponseMatcher,
}

impl ResponseRules {
    pub(crate) fn build(
        config: &ResponseHeaderRules,
        at: &Path,
        builder: &mut Builder<'_>,
    ) -> Self {
        let require = config.require.clone().unwrap_or_default();
        Self {
            rules: Rules::build(&config.rules, at, builder),
            require: ResponseMatcher::build(&require),
        }
    }

    /// Edits a header, if its response is as required.
    pub(crate) fn apply(&self, status: StatusCode, headers: &mut HeaderMap, values: &Values<'_>) {
        if self.require.matches(status, headers) {
            self.rules.apply(&mut Onto { headers, values });
        }
    }
}

struct OfRequest(Rules);

impl Edit for OfRequest {
    fn edit(&self, request: &mut Request) -> Result<()> {
        self.0.apply(request);
        Ok(())
    }
}

struct BeforeResponse(Rules);

impl Edit for BeforeResponse {
    fn edit(&self, request: &mut Request) -> Result<()> {
        let context = Context::of(request);
        // Out of the notes while it is edited: the values of placeholders are in there too.
        let mut headers = std::mem::take(context.notes().response_headers());
        let values = &Values::of(request);
        let headers_now = &mut headers;
        self.0.apply(&mut Onto {
            headers: headers_now,
            values,
        });
        *context.notes().response_headers() = headers;
        Ok(())
    }
}

struct AfterResponse(ResponseRules);

impl Handle for AfterResponse {
    async fn handle(&self, request: Request, next: &Node) -> Result<Response> {
        let context = Context::of(&request).clone();
        let (method, uri, version) = (
            request.method().clone(),
            request.uri().clone(),
            request.version(),
        );
        // A copy of the header is only worth its price where a placeholder reads it.
        let headers = if self.0.rules.reads_request() {
            request.headers().clone()
        } else {
            HeaderMap::new()
        };
        let mut response = next.run(request).await?;
        let rewritten = context.notes().rewritten.clone();
        let values = Values {
            method: &method,
            uri: rewritten.as_ref().unwrap_or(&uri),
            version,
            headers: &headers,
            context: &context,
            response: None,
        };
        let status = response.status();
        self.0.apply(status, response.headers_mut(), &values);
        Ok(response)
    }
}
