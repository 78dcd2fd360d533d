//! `/config/…` and `/id/…`: parts of the config are read and changed.

use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, StatusCode};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::answer::{Refusal, as_json, written};
use super::bodies::Whole;
use super::edit::{Edit, NotPossible, Place, edit, read};
use super::ids::ids;
use super::router::{Site, path};
use super::serving::NotChanged;
use crate::{Current, Load};

/// How deep a path may lead: what is made on the way must not be deeper than what can be read again.
const MAX_STEPS: usize = 100;
/// How many bytes of a value's digest stand in its tag.
const TAG_BYTES: usize = 8;

/// Reads or changes a part that is named by its path.
pub(super) async fn config(
    State(site): State<Arc<Site>>,
    request: Request,
) -> Result<Response, Refusal> {
    let path = path(request.uri());
    answer(&site, path, request).await
}

/// Reads or changes a part that is named by its `@id`, or what is below it.
pub(super) async fn id(
    State(site): State<Arc<Site>>,
    request: Request,
) -> Result<Response, Refusal> {
    let path = path(request.uri());
    let rest = path.strip_prefix("/id/").unwrap_or_default();
    let (id, below) = rest.split_once('/').unwrap_or((rest, ""));
    if id.is_empty() {
        return Err(Refusal::bad("the path names no `@id`"));
    }
    let known = ids(&site.serving.current().json).unwrap_or_default();
    let Some(steps) = known.get(id) else {
        let message = format!("no part of the config has the `@id` `{id}`");
        return Err(Refusal::new(StatusCode::NOT_FOUND, message));
    };
    let mut path = Place::of(steps.iter().cloned()).to_string();
    if !below.is_empty() || steps.is_empty() {
        path = format!("{path}/{below}");
    }
    answer(&site, path, request).await
}

async fn answer(site: &Site, path: String, request: Request) -> Result<Response, Refusal> {
    if path.split('/').count() > MAX_STEPS {
        return Err(Refusal::bad(format!(
            "the path has more than {MAX_STEPS} steps"
        )));
    }
    match *request.method() {
        Method::GET => show(site, &path),
        Method::POST | Method::PUT | Method::PATCH | Method::DELETE => {
            change(site, &path, request).await
        }
        ref method => Err(Refusal::method(method, "GET, POST, PUT, PATCH or DELETE")),
    }
}

fn show(site: &Site, path: &str) -> Result<Response, Refusal> {
    let text = part(&site.serving.current().json, path).map_err(|error| match error {
        NotPossible::Missing(message)
        | NotPossible::Exists(message)
        | NotPossible::Wrong(message) => Refusal::bad(message),
    })?;
    let tag = HeaderValue::try_from(format!("\"{path} {}\"", digest(&text)));
    let mut response = as_json(text).into_response();
    // A path that cannot stand in a header has no tag.
    if let Ok(tag) = tag {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

async fn change(site: &Site, path: &str, request: Request) -> Result<Response, Refusal> {
    let place = Place::read(path);
    let tag = tag(request.headers())?;
    let forced = is_forced(request.headers());
    let (wanted, _body) = wanted(site, request).await?;
    let change = move |current: &Current| {
        if let Some((path, digest_then)) = tag
            && digest(&part(&current.json, &path).map_err(not_possible)?) != digest_then
        {
            let message = format!("`{path}` has changed since it was read");
            return Err(Refusal::new(StatusCode::PRECONDITION_FAILED, message));
        }
        let json = edit(current.json.clone(), &place, wanted).map_err(not_possible)?;
        ids(&json).map_err(Refusal::bad)?;
        Ok(Load {
            json,
            forced,
            source: None,
            places: None,
        })
    };
    match site.serving.change(Box::new(change)).await {
        Ok(_) => Ok(StatusCode::OK.into_response()),
        Err(NotChanged::Refused(refusal)) => Err(refusal),
        // As Caddy answers, though it is not the server that is wrong.
        Err(NotChanged::Failed(error)) => {
            Err(Refusal::of(error, StatusCode::INTERNAL_SERVER_ERROR))
        }
    }
}

/// What a request wants to do, with the body that says it: its room is taken until it is done.
async fn wanted(site: &Site, request: Request) -> Result<(Edit, Option<Whole>), Refusal> {
    let method = request.method().clone();
    if method == Method::DELETE {
        return Ok((Edit::Delete, None));
    }
    let kind = request.headers().get(header::CONTENT_TYPE);
    let kind =
        String::from_utf8_lossy(kind.map(HeaderValue::as_bytes).unwrap_or_default()).into_owned();
    if !kind.contains("/json") {
        let message =
            format!("the body is of the type `{kind}`; send `Content-Type: application/json`");
        return Err(Refusal::bad(message));
    }
    let body = site.bodies.whole(request.into_body()).await?;
    let value = json(&body.bytes)
        .map_err(|message| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, message))?;
    let edit = match method {
        Method::PUT => Edit::Put(value),
        Method::PATCH => Edit::Patch(value),
        _ => Edit::Post(value),
    };
    Ok((edit, Some(body)))
}

/// The value in a body; null if there is none, as in Caddy.
pub(super) fn json(body: &[u8]) -> Result<Value, String> {
    if body.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(body).map_err(|error| format!("the body is not valid JSON: {error}"))
}

/// Whether the config is to be loaded even if it is the one that is served.
pub(super) fn is_forced(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CACHE_CONTROL);
    value.is_some_and(|value| value == "must-revalidate")
}

fn part(config: &Value, path: &str) -> Result<String, NotPossible> {
    let mut value = read(config, &Place::read(path))?;
    // Caddy keeps its config without the order in which it was written.
    value.sort_all_objects();
    Ok(written(&value))
}

fn digest(text: &str) -> String {
    let digest = Sha256::digest(text);
    let mut shown = String::new();
    for byte in digest.iter().take(TAG_BYTES) {
        // Writing to a string cannot fail.
        let _ = write!(shown, "{byte:02x}");
    }
    shown
}

/// The path and the digest in `If-Match`.
fn tag(headers: &HeaderMap) -> Result<Option<(String, String)>, Refusal> {
    let value = headers.get(header::IF_MATCH).map(HeaderValue::as_bytes);
    let value = String::from_utf8_lossy(value.unwrap_or_default());
    if value.is_empty() {
        return Ok(None);
    }
    let quoted = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let words: Vec<_> = quoted.unwrap_or_default().split_whitespace().collect();
    match words.as_slice() {
        [path, digest] => Ok(Some(((*path).to_owned(), (*digest).to_owned()))),
        _ => Err(Refusal::bad(
            "`If-Match` is not an `Etag` of this endpoint: write `\"<path> <hash>\"`, in quotes",
        )),
    }
}

fn not_possible(error: NotPossible) -> Refusal {
    match error {
        NotPossible::Missing(message) => Refusal::new(StatusCode::NOT_FOUND, message),
        NotPossible::Exists(message) => Refusal::new(StatusCode::CONFLICT, message),
        // As Caddy answers, though it is not the server that is wrong.
        NotPossible::Wrong(message) => Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, message),
    }
}
