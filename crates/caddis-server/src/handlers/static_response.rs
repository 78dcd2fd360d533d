//! `static_response`: answer without asking anyone else.

use bytes::Bytes;
use caddis_ir::{Path, StaticResponse, StatusCode};
use http::{HeaderValue, header};
use serde::de::IgnoredAny;

use crate::builder::Builder;
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
        let (body, kind) = match &self.body {
            Body::Constant(body, kind) => (body.clone(), kind.clone()),
            Body::Filled(template) => {
                let body = template.fill(&values).into_owned();
                let kind = content_type(&body);
                (Bytes::from(body), kind)
            }
        };
        let mut response = context.response(body.into());
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
        let status = status.transpose().inspect_err(|_| {
            // The error page has them, as in Caddy.
            *context.notes().response_headers() = std::mem::take(headers);
        })?;
        *response.status_mut() = status.or(error).unwrap_or_default();
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

#[cfg(test)]
mod tests {
    use caddis_ir::{StaticResponse, StatusCode};

    use crate::testing::{errors_of, request, serve};

    #[tokio::test]
    async fn placeholders_in_headers_are_filled_per_request() {
        let config =
            StaticResponse::status(302).header("Location", "https://b.test{http.request.uri}");
        let response = serve(config).get("/path?q=1").await;
        assert_eq!(response.status, 302);
        assert_eq!(response.field("location"), ["https://b.test/path?q=1"]);
    }

    #[tokio::test]
    async fn a_body_is_plain_text_unless_it_is_json() {
        let plain = "text/plain; charset=utf-8";
        for (body, kind) in [
            ("hi", plain),
            ("{\"a\":1}", "application/json"),
            ("[1]", "application/json"),
            ("{\"a\":", plain),
            ("{\"a\":\"{http.request.uri.path}\"}", "application/json"),
        ] {
            let response = serve(StaticResponse::default().body(body)).get("/").await;
            assert_eq!(response.field("content-type"), [kind], "{body}");
        }
        let response = serve(StaticResponse::default()).get("/").await;
        assert_eq!(response.field("content-type"), [""; 0]);
    }

    #[tokio::test]
    async fn names_and_values_of_headers_are_filled_and_unknown_placeholders_are_empty() {
        let config = StaticResponse::default()
            .header("X-{http.request.method}", "{nope}|{http.request.uri}")
            .header("Y", "1")
            .header("Y", "2");
        let response = serve(config).get("/sr").await;
        assert_eq!(response.field("x-get"), ["|/sr"]);
        assert_eq!(response.field("y"), ["1", "2"]);
    }

    #[tokio::test]
    async fn a_status_may_be_a_placeholder() {
        let config = StaticResponse {
            status_code: Some(StatusCode::Placeholder("{http.request.uri.query.s}".into())),
            ..StaticResponse::default()
        };
        let server = serve(config.body("x"));
        assert_eq!(server.get("/?s=404").await.status, 404);
        assert_eq!(server.get("/?s=abc").await.status, 500);
        assert_eq!(server.get("/?s=").await.status, 500);
        assert_eq!(server.get("/?s=99").await.status, 500);
    }

    #[tokio::test]
    async fn abort_closes_the_connection_without_an_answer() {
        let config = StaticResponse {
            abort: true,
            ..StaticResponse::default()
        };
        assert!(serve(config).ask(request("/")).await.is_err());
    }

    #[tokio::test]
    async fn close_asks_for_the_end_of_the_connection() {
        let config = StaticResponse {
            close: true,
            ..StaticResponse::default()
        };
        assert_eq!(serve(config).get("/").await.field("connection"), ["close"]);
    }

    #[tokio::test]
    async fn no_value_breaks_out_of_its_header() {
        let config = StaticResponse::default().header("X", "{http.request.uri.query.q}");
        let response = serve(config).get("/?q=a%0d%0aX:y%00%01z%7f").await;
        assert_eq!(response.field("x"), ["a  X:y  z"]);
    }

    #[test]
    fn every_mistake_is_found_at_its_place() {
        let config = StaticResponse::status(99)
            .header("bad name", "x")
            .body("{http.handlers.x}");
        assert_eq!(
            errors_of(config),
            [
                "handle/0/status_code: 99 is not a status code",
                "handle/0/headers/bad name: `bad name` is not the name of a header field",
                "handle/0/body: `{http.handlers.x}` is a placeholder of Caddy that caddis does not have yet",
            ]
        );
        let early = errors_of(StaticResponse::status(103));
        assert_eq!(
            early,
            ["handle/0/status_code: an answer with status 103 Early Hints is not there yet"]
        );
    }
}
