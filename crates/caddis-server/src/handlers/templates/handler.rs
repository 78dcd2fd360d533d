//! Which answers are templates, and what becomes of their header.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use caddis_ir::{Path, Templates};
use caddis_template::Delimiters;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use tokio::sync::mpsc;

use super::entrance::Entrance;
use super::page::{Page, Site};
use super::visit::{self, Ask, Visits};
use crate::builder::Builder;
use crate::node::Unhandled;
use crate::placeholders::{Template, Values};
use crate::{Body, BodyError, Context, Handle, HandlerError, Node, Request, Response, Result};

/// Renders answers.
struct Rendering {
    types: Box<[String]>,
    root: Template,
    entrance: Entrance,
    site: Arc<Site>,
}

/// The types of answers that are templates if the config names none.
const TYPES: [&str; 3] = ["text/html", "text/plain", "text/markdown"];

/// The largest answer that is a template.
pub(super) const MAX_BODY: usize = 16 << 20;

/// Says of an answer that a template made it: it is none itself any more.
#[derive(Clone, Copy)]
pub(super) struct Made;

/// Prepares it.
pub(crate) fn build(config: &Templates, at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    let delimiters = match config.delimiters.as_slice() {
        [] => Delimiters::default(),
        [open, close] if !open.is_empty() && !close.is_empty() => Delimiters {
            open: open.clone(),
            close: close.clone(),
        },
        _ => {
            let message = "delimiters must consist of exactly two elements: opening and closing";
            builder.error(&at.key("delimiters"), message);
            Delimiters::default()
        }
    };
    let types = match config.mime_types.as_slice() {
        [] => TYPES.map(String::from).into(),
        types => types.into(),
    };
    let root = match config.file_root.as_str() {
        "" => "{http.vars.root}",
        root => root,
    };
    let rendering = Rendering {
        types,
        root: builder.template(root, &at.key("file_root")),
        entrance: builder.entrance.clone(),
        site: Arc::new(Site {
            delimiters,
            environment: builder.environment.clone(),
        }),
    };
    Node::handler(rendering, next)
}

impl Handle for Rendering {
    async fn handle(&self, request: Request, next: &Node) -> Result<Response> {
        let context = Context::of(&request).clone();
        let (mut head, body) = request.into_parts();
        let response = next.run(Request::from_parts(head.clone(), body)).await?;
        if response.status() == StatusCode::SWITCHING_PROTOCOLS || !self.takes(response.headers()) {
            return Ok(response);
        }
        // As in Caddy, a template sees the target that handlers in between gave the request.
        if let Some(uri) = context.notes().rewritten.clone() {
            head.uri = uri;
        }
        head.extensions.get_or_insert_default::<Visits>();
        let (mut answer, body) = response.into_parts();
        let text = collected(body).await.map_err(unread)?;
        let headers = std::mem::take(&mut answer.headers);
        let (text, mut headers) = self.rendered(&head, &context, text, headers).await?;
        forget_file(&mut headers);
        headers.insert(header::CONTENT_LENGTH, text.len().into());
        answer.headers = headers;
        answer.extensions.insert(Made);
        answer.extensions.remove::<Unhandled>();
        Ok(Response::from_parts(answer, Body::from(text)))
    }
}

impl Rendering {
    fn takes(&self, headers: &HeaderMap) -> bool {
        let kind = headers.get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        self.types.iter().any(|one| kind.contains(one.as_str()))
    }

    /// What the template comes to, with the header that it may have changed.
    async fn rendered(
        &self,
        head: &Parts,
        context: &Context,
        text: Bytes,
        headers: HeaderMap,
    ) -> Result<(Bytes, HeaderMap)> {
        let open = self.site.delimiters.open.as_bytes();
        if memchr::memmem::find(&text, open).is_none() {
            return Ok((text, headers));
        }
        let Ok(text) = String::from_utf8(text.into()) else {
            let error = HandlerError::status(StatusCode::INTERNAL_SERVER_ERROR);
            return Err(error.because("the template is not UTF-8"));
        };
        let (asking, mut asked) = mpsc::channel::<Ask>(1);
        let page = Page {
            site: Arc::clone(&self.site),
            root: self.root.fill(&Values::of_head(head, context)).into(),
            head: head.clone(),
            context: context.clone(),
            headers: Arc::new(parking_lot::Mutex::new(headers)),
            asking,
        };
        let page = Arc::new(page);
        let work = Arc::clone(&page);
        let work = tokio::task::spawn_blocking(move || {
            let made = work.render(&text);
            // The template asks for nothing any more.
            drop(work);
            made
        });
        let headers = Arc::clone(&page.headers);
        drop(page);
        while let Some(ask) = asked.recv().await {
            let answer = visit::visit(&ask.uri, head, context, &self.entrance).await;
            let _ = ask.reply.send(answer);
        }
        let made = work.await.map_err(|fault| {
            HandlerError::status(StatusCode::INTERNAL_SERVER_ERROR).because(fault)
        })?;
        let headers = std::mem::take(&mut *headers.lock());
        match made {
            Ok(text) => Ok((text.into(), headers)),
            Err(error) => Err(failed(&error, headers, context)),
        }
    }
}

/// What the template says is what is answered; else it is wrong itself.
fn failed(
    error: &caddis_template::Error,
    mut headers: HeaderMap,
    context: &Context,
) -> HandlerError {
    forget_file(&mut headers);
    headers.remove(header::CONTENT_LENGTH);
    if error.status.is_some() {
        headers.remove(header::CONTENT_TYPE);
        headers.remove(header::CONTENT_ENCODING);
    }
    // As in Caddy, what the answer's header had by then is in that of the error's answer.
    context.notes().response_headers().extend(headers);
    let status = error
        .status
        .and_then(|status| StatusCode::from_u16(status).ok());
    match status {
        Some(status) => HandlerError::status(status),
        None => {
            HandlerError::status(StatusCode::INTERNAL_SERVER_ERROR).because(error.message.clone())
        }
    }
}

/// What is said of the file is not true of what is made of it.
fn forget_file(headers: &mut HeaderMap) {
    for name in [header::ACCEPT_RANGES, header::LAST_MODIFIED, header::ETAG] {
        headers.remove(name);
    }
}

fn unread(error: BodyError) -> HandlerError {
    HandlerError::status(StatusCode::BAD_GATEWAY).because(error)
}

/// A body that is not too large for a template.
pub(super) async fn collected(mut body: Body) -> Result<Bytes, BodyError> {
    if let Body::Full(bytes) = body {
        return match bytes.len() {
            0..=MAX_BODY => Ok(bytes),
            _ => Err(too_large()),
        };
    }
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else {
            continue;
        };
        if read.len() + data.len() > MAX_BODY {
            return Err(too_large());
        }
        read.extend_from_slice(&data);
    }
    Ok(read.freeze())
}

fn too_large() -> BodyError {
    format!("a template has more than {MAX_BODY} bytes").into()
}
