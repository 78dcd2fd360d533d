//! `static_response`: answer without asking anyone else.

use caddis_ir::{Path, StaticResponse, StatusCode};
use http::{HeaderName, HeaderValue, header};

use crate::build::Builder;
use crate::node::Reply;
use crate::placeholders::{Template, Values};
use crate::{Context, HandlerError, Node, Request, Response, Result};

/// A prepared answer.
struct Static {
    status: Option<Status>,
    headers: Vec<(HeaderName, Vec<Template>)>,
    body: Template,
    close: bool,
    abort: bool,
}

/// A status that may depend on the request.
pub(crate) enum Status {
    /// Always the same.
    Fixed(http::StatusCode),
    /// Filled for each request.
    Filled(Template),
}

/// Prepares an answer.
pub(crate) fn build(config: &StaticResponse, at: &Path, builder: &mut Builder<'_>) -> Node {
    let status = config
        .status_code
        .as_ref()
        .map(|status| Status::build(status, &at.key("status_code"), builder));
    let mut headers = Vec::new();
    for (name, values) in &config.headers {
        let at = at.key("headers").key(name);
        let Ok(parsed) = name.parse::<HeaderName>() else {
            builder.error(&at, format!("`{name}` is not a header name"));
            continue;
        };
        let values = values
            .iter()
            .map(|value| builder.template(value, &at))
            .collect();
        headers.push((parsed, values));
    }
    Node::reply(Static {
        status,
        headers,
        body: builder.template(&config.body, &at.key("body")),
        close: config.close,
        abort: config.abort,
    })
}

impl Reply for Static {
    fn reply(&self, request: Request) -> Result<Response> {
        if self.abort {
            return Err(HandlerError::abort());
        }
        let values = Values::of(&request);
        let status = self
            .status
            .as_ref()
            .map(|status| status.of(&values))
            .transpose()?;
        let body = self.body.fill(&values).into_owned();
        let has_body = !body.is_empty();
        let mut response = Context::of(&request).response(bytes::Bytes::from(body).into());
        *response.status_mut() = status.unwrap_or_default();
        let headers = response.headers_mut();
        for (name, templates) in &self.headers {
            headers.remove(name);
            for template in templates {
                headers.append(name.clone(), template.fill_header(&values));
            }
        }
        if has_body && !headers.contains_key(header::CONTENT_TYPE) {
            let plain = HeaderValue::from_static("text/plain; charset=utf-8");
            headers.insert(header::CONTENT_TYPE, plain);
        }
        if self.close {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response)
    }
}

impl Status {
    /// Prepares a status.
    pub(crate) fn build(status: &StatusCode, at: &Path, builder: &mut Builder<'_>) -> Self {
        match status {
            StatusCode::Fixed(code) => {
                Self::Fixed(http::StatusCode::from_u16(*code).unwrap_or_else(|_| {
                    builder.error(at, format!("{code} is not a status code"));
                    http::StatusCode::OK
                }))
            }
            StatusCode::Placeholder(text) => Self::Filled(builder.template(text, at)),
        }
    }

    /// The status for one request; 500 if its placeholder does not become one.
    pub(crate) fn of(&self, values: &Values<'_>) -> Result<http::StatusCode> {
        match self {
            Self::Fixed(status) => Ok(*status),
            Self::Filled(template) => {
                http::StatusCode::from_bytes(&template.fill(values)).map_err(|error| {
                    HandlerError::status(http::StatusCode::INTERNAL_SERVER_ERROR).because(error)
                })
            }
        }
    }
}
