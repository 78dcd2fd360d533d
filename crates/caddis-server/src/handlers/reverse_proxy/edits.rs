//! `header_up` and `header_down`: edits of the header on the way up and back.

use caddis_ir::{Path, ProxyHeaders};
use http::{HeaderMap, Method, StatusCode, Uri, Version, request};

use crate::Context;
use crate::builder::Builder;
use crate::handlers::header_rules::{Rules, Target};
use crate::handlers::headers::ResponseRules;
use crate::placeholders::Values;

/// Edits of the header on the way up and back.
#[derive(Default)]
pub(super) struct Edits {
    up: Option<Rules>,
    down: Option<ResponseRules>,
    reads_request: bool,
}

/// The head as it came to the proxy: placeholders read this one, and not the one that goes up.
#[derive(Clone)]
pub(super) struct Original {
    method: Method,
    uri: Uri,
    version: Version,
    headers: HeaderMap,
}

impl Edits {
    pub(super) fn build(config: &ProxyHeaders, at: &Path, builder: &mut Builder<'_>) -> Self {
        let (up, down) = (config.request.as_ref(), config.response.as_ref());
        let text = serde_json::to_string(config).unwrap_or_default();
        Self {
            up: up.map(|rules| Rules::build(rules, &at.key("request"), builder)),
            down: down.map(|rules| ResponseRules::build(rules, &at.key("response"), builder)),
            reads_request: text.contains("{http.request."),
        }
    }

    /// Keeps what edits may read; nothing if there are none.
    pub(super) fn keep(&self, head: &request::Parts) -> Option<Original> {
        if self.up.is_none() && self.down.is_none() {
            return None;
        }
        // A copy of the header is only worth its price where a placeholder reads it.
        let headers = self.reads_request.then(|| head.headers.clone());
        Some(Original {
            method: head.method.clone(),
            uri: head.uri.clone(),
            version: head.version,
            headers: headers.unwrap_or_default(),
        })
    }

    /// Edits the request.
    pub(super) fn up(&self, headers: &mut HeaderMap, original: &Original, context: &Context) {
        if let Some(rules) = &self.up {
            let values = original.values(context);
            rules.apply(&mut Up { headers, values });
        }
    }

    /// Edits the answer.
    pub(super) fn down(
        &self,
        status: StatusCode,
        headers: &mut HeaderMap,
        original: &Original,
        context: &Context,
    ) {
        if let Some(rules) = &self.down {
            rules.apply(status, headers, &original.values(context));
        }
    }
}

impl Original {
    /// All of a head.
    pub(super) fn of(head: &request::Parts) -> Self {
        Self {
            method: head.method.clone(),
            uri: head.uri.clone(),
            version: head.version,
            headers: head.headers.clone(),
        }
    }

    /// The values of the request as it came.
    pub(super) fn values<'a>(&'a self, context: &'a Context) -> Values<'a> {
        Values {
            method: &self.method,
            uri: &self.uri,
            version: self.version,
            headers: &self.headers,
            context,
            response: None,
        }
    }
}

/// The header that goes up, with the values of the one that came.
struct Up<'a> {
    headers: &'a mut HeaderMap,
    values: Values<'a>,
}

impl Target for Up<'_> {
    fn values(&self) -> Values<'_> {
        self.values
    }

    fn headers(&mut self) -> &mut HeaderMap {
        self.headers
    }
}
