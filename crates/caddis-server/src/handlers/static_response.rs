//! `static_response`: answer without asking anyone else.

use bytes::Bytes;
use caddis_ir::{Path, StaticResponse, StatusCode};
use http::{HeaderValue, header};
use serde::de::IgnoredAny;

use crate::build::Builder;
use crate::node::Reply;
use crate::placeholders::{FieldName, Template, Unknown, Values};
use crate::{Context, HandlerError, Node, Request, Response, Result};

/// A prepared answer.
struct Static {
    status: Option<Status>,
    headers: Vec<(FieldName, Vec<Template>)>,
    body: Body,
    close: bool,
    abort: bool,
}

enum Body {
    /// The same for every request, with the type that it gets.
    Constant(Bytes, Option<HeaderValue>),
    Filled(Template),
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
    let at_status = at.key("status_code");
    let status =
        (config.status_code.as_ref()).map(|status| Status::build(status, &at_status, builder));
    if let Some(Status::Fixed(status)) = status
        && status.is_informational()
    {
        let message = format!("an answer with status {status} is not there yet");
        builder.error_with_help(&at_status, message, "write a status from 200");
    }
    let mut headers = Vec::new();
    for (name, values) in &config.headers {
        let at = at.key("headers").key(name);
        let values = (values.iter().enumerate())
            .map(|(index, value)| builder.template(value, &at.index(index)))
            .collect();
        let name = FieldName::build(name, Unknown::Empty, &at, builder);
        headers.extend(name.map(|name| (name, values)));
    }
    let body = builder.template_known(&config.body, &at.key("body"));
    let body = match body.constant() {
        Some(text) => {
            let kind = content_type(text.as_bytes());
            Body::Constant(Bytes::copy_from_slice(text.as_bytes()), kind)
        }
        None => Body::Filled(body),
    };
    Node::reply(Static {
        status,
        headers,
        body,
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
        let status = self.status.as_ref().map(|status| status.of(&values));
        let context = Context::of(&request);
        let error = context.notes().error;
        let status = status.transpose()?.or(error).unwrap_or_default();
        let (body, kind) = match &self.body {
            Body::Constant(body, kind) => (body.clone(), kind.clone()),
            Body::Filled(template) => {
                let body = template.fill(&values).into_owned();
                let kind = content_type(&body);
                (Bytes::from(body), kind)
            }
        };
        let mut response = context.response(body.into());
        *response.status_mut() = status;
        let headers = response.headers_mut();
        if let Some(kind) = kind
            && !headers.contains_key(header::CONTENT_TYPE)
        {
            headers.insert(header::CONTENT_TYPE, kind);
        }
        for (name, templates) in &self.headers {
            let Some(name) = name.of(&values) else {
                continue;
            };
            headers.remove(&name);
            for template in templates {
                headers.append(name.clone(), template.fill_header(&values));
            }
        }
        if self.close {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response)
    }
}

/// The type that a body gets if nothing says otherwise: JSON if it is an object or an array.
fn content_type(body: &[u8]) -> Option<HeaderValue> {
    let (first, last) = (body.first()?, body.last()?);
    let may_be_json = matches!((first, last), (b'{', b'}') | (b'[', b']'));
    let is_json = may_be_json && serde_json::from_slice::<IgnoredAny>(body).is_ok();
    Some(HeaderValue::from_static(if is_json {
        "application/json"
    } else {
        "text/plain; charset=utf-8"
    }))
}

impl Status {
    /// Prepares a status.
    pub(crate) fn build(status: &StatusCode, at: &Path, builder: &mut Builder<'_>) -> Self {
        match status {
            StatusCode::Fixed(code) => {
                Self::Fixed(http::StatusCode::from_u16(*code).unwrap_or_else(|_| {
                    let message = format!("{code} is not a status code");
                    builder.error_with_help(at, message, "write a number from 200 to 999");
                    http::StatusCode::OK
                }))
            }
            StatusCode::Placeholder(text) => Self::Filled(builder.template(text, at)),
        }
    }

    /// The status for one request; 500 if its placeholder does not become one.
    pub(crate) fn of(&self, values: &Values<'_>) -> Result<http::StatusCode> {
        let template = match self {
            Self::Fixed(status) => return Ok(*status),
            Self::Filled(template) => template.fill_text(values),
        };
        let status = template.parse().ok().filter(|code| *code >= 200_u16);
        let status = status.and_then(|code| http::StatusCode::from_u16(code).ok());
        status.ok_or_else(|| {
            HandlerError::status(http::StatusCode::INTERNAL_SERVER_ERROR)
                .because(format!("`{template}` is not a status code"))
        })
    }
}
