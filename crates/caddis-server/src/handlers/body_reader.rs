//! Reads the whole body of a request before handlers and matchers whose placeholders ask for it.

use bytes::{Bytes, BytesMut};
use http::StatusCode;
use http_body::Body as _;
use http_body_util::BodyExt;
use serde::Serialize;

use super::request_body::TooLarge;
use super::request_body_times::TooSlow;
use crate::builder::Builder;
use crate::placeholders::BODY;
use crate::{Body, Context, Handle, HandlerError, Node, Request, Response, Result};

/// The most that is kept in memory for `{http.request.body}`.
const MAX_BODY: usize = 16 << 20;

struct BodyReader;

/// The node, after the body is read if something in this part of the config asks for it.
pub(crate) fn before(node: Node, config: &impl Serialize, builder: &Builder<'_>) -> Node {
    if builder.reads_bodies && asks_for_body(config) {
        return Node::handler(BodyReader, node);
    }
    node
}

fn asks_for_body(config: &impl Serialize) -> bool {
    serde_json::to_string(config).is_ok_and(|text| text.contains(BODY))
}

impl Handle for BodyReader {
    async fn handle(&self, mut request: Request, next: &Node) -> Result<Response> {
        let context = Context::of(&request).clone();
        // Error routes have no body any more: what was read before them counts.
        if !request.body().is_end_stream() || context.notes().body.is_none() {
            let body = read(std::mem::take(request.body_mut())).await?;
            context.notes().body = Some(body.clone());
            *request.body_mut() = body.into();
        }
        next.run(request).await
    }
}

async fn read(mut body: Body) -> Result<Bytes> {
    if let Body::Full(bytes) = body {
        return Ok(bytes);
    }
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(broken)?.into_data() else {
            continue;
        };
        if read.len() + data.len() > MAX_BODY {
            let message = format!("`{BODY}}}` takes bodies of up to {MAX_BODY} bytes");
            return Err(HandlerError::status(StatusCode::PAYLOAD_TOO_LARGE).because(message));
        }
        read.extend_from_slice(&data);
    }
    Ok(read.freeze())
}

/// A body over its `max_size` says so; any other is one that the client did not send to its end.
fn broken(error: crate::BodyError) -> HandlerError {
    if error.is::<TooSlow>() {
        return TooSlow.into();
    }
    match error.downcast::<TooLarge>() {
        Ok(error) => (*error).into(),
        Err(error) => HandlerError::status(StatusCode::BAD_REQUEST).because(error),
    }
}

#[cfg(test)]
mod tests {
    use caddis_ir::StaticResponse;

    use super::MAX_BODY;
    use crate::testing::serve;
    use crate::{Body, Request};

    fn upload(body: impl Into<Body>) -> Request {
        http::Request::post("/")
            .header("Host", "a.test")
            .body(body.into())
            .unwrap()
    }

    #[tokio::test]
    async fn a_body_is_read_once_and_filled_as_text_and_as_base64() {
        let text = "{http.request.body}|{http.request.body_base64}";
        let server = serve(StaticResponse::default().body(text));
        let answer = server.ask(upload("{http.request.method}")).await.unwrap();
        assert_eq!(
            answer.text(),
            "{http.request.method}|e2h0dHAucmVxdWVzdC5tZXRob2R9"
        );
        assert_eq!(server.get("/").await.text(), "|");
    }

    #[tokio::test]
    async fn a_body_that_is_streamed_is_kept_up_to_a_limit() {
        let server = serve(StaticResponse::default().body("{http.request.body}"));
        let streamed = |bytes: usize| {
            Body::new(http_body_util::BodyExt::map_err(
                http_body_util::Full::new(bytes::Bytes::from("x".repeat(bytes))),
                |never| match never {},
            ))
        };
        assert_eq!(
            server.ask(upload(streamed(5))).await.unwrap().text(),
            "xxxxx"
        );
        let answer = server.ask(upload(streamed(MAX_BODY + 1))).await.unwrap();
        assert_eq!(answer.status, 413);
    }
}
