//! Requests that a template makes to its own server (`httpInclude`).

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use caddis_template::{Error, Result as Rendered};
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, Uri, header};
use http_body::Body as _;
use tokio::sync::{mpsc, oneshot};

use super::entrance::Entrance;
use super::handler::{MAX_BODY, Made, collected};
use crate::{Body, Context, Request};

/// A request that a template waits for.
pub(super) struct Ask {
    pub(super) uri: String,
    pub(super) reply: oneshot::Sender<Rendered<Answer>>,
}

/// What came back.
pub(super) struct Answer {
    pub(super) body: Bytes,
    /// It is what a template made already.
    pub(super) is_made: bool,
}

/// The way on which a template asks.
pub(super) type Asking = mpsc::Sender<Ask>;

/// Counts how deep requests of templates are in each other, as in Caddy.
static DEPTH: HeaderName = HeaderName::from_static("caddy-templates-include");

/// How deep they may be.
const MAX_DEPTH: u32 = 3;

/// How many requests may be made for one that came in, however deep.
const MAX_VISITS: usize = 200;

/// How many requests were made for one that came in.
#[derive(Clone, Default)]
pub(super) struct Visits(Arc<AtomicUsize>);

/// Makes a request as the one that a page is rendered for, to the same host.
pub(super) async fn visit(
    uri: &str,
    head: &Parts,
    context: &Context,
    entrance: &Entrance,
) -> Rendered<Answer> {
    let depth = match head.headers.get(&DEPTH).map(HeaderValue::to_str) {
        None => 1,
        Some(text) => {
            let depth: Option<u32> = text.ok().and_then(|text| text.parse().ok());
            let depth = depth.ok_or_else(|| Error::new(format!("parsing {DEPTH}")))?;
            if depth >= MAX_DEPTH {
                return Err(Error::new("virtual request cycle"));
            }
            depth + 1
        }
    };
    let visits = head.extensions.get::<Visits>().cloned().unwrap_or_default();
    if visits.0.fetch_add(1, Ordering::Relaxed) >= MAX_VISITS {
        let message = format!("more than {MAX_VISITS} virtual requests");
        return Err(Error::new(message));
    }
    let request = request(uri, head, depth, visits)?;
    let answer = Box::pin(entrance.answer(request, context)).await;
    let response = answer.map_err(|error| match error.status {
        Some(status) => Error::new(format!("http {}", status.as_u16())),
        None => Error::new("the virtual request was aborted"),
    })?;
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        return Err(Error::new(format!("http {}", status.as_u16())));
    }
    let is_made = response.extensions().get::<Made>().is_some();
    let body = response.into_body();
    if body.size_hint().lower() > MAX_BODY as u64 {
        return Err(Error::new("the answer is too large"));
    }
    let body = collected(body).await;
    let body = body.map_err(|error| Error::new(error.to_string()))?;
    Ok(Answer { body, is_made })
}

fn request(uri: &str, head: &Parts, depth: u32, visits: Visits) -> Rendered<Request> {
    let wrong = || Error::new(format!("`{uri}` is no target of a request"));
    let uri: Uri = uri.parse().map_err(|_| wrong())?;
    // Of a URL with a host, only path and query are for this server.
    let target = uri.path_and_query().ok_or_else(wrong)?;
    let mut request = Request::new(Body::Empty);
    *request.method_mut() = Method::GET;
    *request.uri_mut() = Uri::from(target.clone());
    *request.version_mut() = http::Version::HTTP_11;
    let headers = request.headers_mut();
    *headers = head.headers.clone();
    // They speak of the body of the other request.
    for name in [
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::EXPECT,
        header::UPGRADE,
        header::CONNECTION,
    ] {
        headers.remove(name);
    }
    let identity = HeaderValue::from_static("identity");
    headers.insert(header::ACCEPT_ENCODING, identity);
    headers.insert(DEPTH.clone(), depth.into());
    request.extensions_mut().insert(visits);
    Ok(request)
}
