//! `/load`, `/adapt` and `/stop`: a whole config is loaded or adapted, and the server ended.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use serde_json::Value;
use tracing::info;

use super::answer::{Refusal, as_json, json_body};
use super::bodies::Whole;
use super::config::{is_forced, json};
use super::ids::ids;
use super::router::Site;
use super::serving::NotChanged;
use crate::{AdaptWarning, AdaptedText, Load, Places, Source};

const SOURCE_FILE: HeaderName = HeaderName::from_static("caddy-config-source-file");
const SOURCE_ADAPTER: HeaderName = HeaderName::from_static("caddy-config-source-adapter");

/// What a body is written in.
#[derive(Debug, PartialEq, Eq)]
enum Language {
    /// Caddy's own JSON.
    Json,
    /// The language of an adapter.
    Of(String),
}

/// Serves another config.
pub(super) async fn load(
    State(site): State<Arc<Site>>,
    request: Request,
) -> Result<Response, Refusal> {
    only_post(&request)?;
    let (head, body) = request.into_parts();
    let language = language(&head.headers)?;
    // Its room is taken until the config is served.
    let Whole { bytes, _room } = site.bodies.whole(body).await?;
    let (json, warnings) = match language {
        Language::Json => (json(&bytes).map_err(Refusal::bad)?, Vec::new()),
        Language::Of(adapter) => {
            let read = adapted(&site, adapter, bytes).await?;
            (read.json, read.warnings)
        }
    };
    ids(&json).map_err(Refusal::bad)?;
    let source = source(&head.headers);
    let places = places(&site, source.as_ref(), &json).await;
    let load = Load {
        json,
        forced: is_forced(&head.headers),
        source,
        places,
    };
    let loaded = site.serving.change(Box::new(|_| Ok(load))).await;
    loaded.map_err(|error| match error {
        NotChanged::Refused(refusal) => refusal,
        NotChanged::Failed(error) => Refusal::of(error, StatusCode::BAD_REQUEST),
    })?;
    info!(target: "admin.api", "load complete");
    if warnings.is_empty() {
        return Ok(StatusCode::OK.into_response());
    }
    let warnings = serde_json::to_value(&warnings).unwrap_or_default();
    Ok(as_json(caddis_ir::escaped(&warnings.to_string())).into_response())
}

/// Shows a config as JSON.
pub(super) async fn adapt(
    State(site): State<Arc<Site>>,
    request: Request,
) -> Result<Response, Refusal> {
    only_post(&request)?;
    let (head, body) = request.into_parts();
    let language = language(&head.headers)?;
    let Whole { bytes, _room } = site.bodies.whole(body).await?;
    let adapted = match language {
        Language::Json => AdaptedText {
            // As Caddy answers, though it is not the server that is wrong.
            json: json(&bytes)
                .map_err(|message| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, message))?,
            warnings: Vec::new(),
        },
        Language::Of(adapter) => adapted(&site, adapter, bytes).await?,
    };
    Ok(json_body(&shown(adapted.json, &adapted.warnings)).into_response())
}

/// Ends the server.
pub(super) async fn stop(
    State(site): State<Arc<Site>>,
    request: Request,
) -> Result<Response, Refusal> {
    only_post(&request)?;
    site.serving.stop();
    Ok(StatusCode::OK.into_response())
}

fn shown(json: Value, warnings: &[AdaptWarning]) -> Value {
    let mut shown = serde_json::Map::new();
    if !warnings.is_empty() {
        let warnings = serde_json::to_value(warnings).unwrap_or_default();
        shown.insert("warnings".into(), warnings);
    }
    shown.insert("result".into(), json);
    Value::Object(shown)
}

fn only_post(request: &Request) -> Result<(), Refusal> {
    match *request.method() {
        Method::POST => Ok(()),
        ref method => Err(Refusal::method(method, "POST")),
    }
}

async fn adapted(site: &Site, adapter: String, body: Bytes) -> Result<AdaptedText, Refusal> {
    let text = String::from_utf8(body.into()).map_err(|_| {
        Refusal::bad("the body is not UTF-8; save the text with the encoding UTF-8")
    })?;
    // An empty text would take everything away that is served; nobody means that.
    if text.trim().is_empty() {
        return Err(Refusal::bad(format!(
            "the `{adapter}` in the body is empty"
        )));
    }
    let Some(adapt) = site.adapt.clone() else {
        return Err(Refusal::bad(format!(
            "there is no adapter `{adapter}`; send JSON"
        )));
    };
    // It may read files that the text imports.
    let adapting = tokio::task::spawn_blocking(move || adapt.adapt(&adapter, text));
    let read = adapting
        .await
        .unwrap_or_else(|error| Err(error.to_string()));
    read.map_err(Refusal::bad)
}

/// What `reload` sends has been adapted already: the places are in the file that it names.
async fn places(site: &Site, source: Option<&Source>, json: &Value) -> Option<Places> {
    let (adapt, source, json) = (site.adapt.clone()?, source?.clone(), json.clone());
    let reading = tokio::task::spawn_blocking(move || adapt.places(&source, &json));
    reading.await.ok()?
}

fn source(headers: &HeaderMap) -> Option<Source> {
    let text = |name: &HeaderName| {
        let value = headers.get(name).map(HeaderValue::as_bytes);
        String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
    };
    let file = text(&SOURCE_FILE);
    (!file.is_empty()).then(|| Source {
        file,
        adapter: text(&SOURCE_ADAPTER),
    })
}

/// The language that `Content-Type` names: the second half of the type is that of an adapter.
fn language(headers: &HeaderMap) -> Result<Language, Refusal> {
    let value = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    let value = String::from_utf8_lossy(value.unwrap_or_default());
    if value.is_empty() {
        return Ok(Language::Json);
    }
    let kind = value.split(';').next().unwrap_or_default().trim();
    let is_token = |text: &str| {
        let mut bytes = text.bytes();
        !text.is_empty()
            && bytes
                .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`{|}~".contains(&byte))
    };
    match kind.split_once('/') {
        Some((first, second)) if is_token(first) && is_token(second) => {
            let second = second.to_ascii_lowercase();
            Ok(match second.as_str() {
                "json" => Language::Json,
                _ => Language::Of(second),
            })
        }
        Some(_) | None => Err(Refusal::bad(format!(
            "`{value}` is not a type of content; send `Content-Type: application/json` or `text/caddyfile`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::{Language, language};

    #[test]
    fn the_type_of_the_content_names_the_adapter_as_in_caddy() {
        let of = |kind: &str| {
            let headers =
                HeaderMap::from_iter([(http::header::CONTENT_TYPE, kind.parse().unwrap())]);
            language(&headers)
        };
        for json in [
            "",
            "application/json",
            "text/json",
            "Application/JSON; charset=utf-8",
        ] {
            assert_eq!(of(json).unwrap(), Language::Json, "{json}");
        }
        for caddyfile in [
            "text/caddyfile",
            "application/caddyfile;a=b",
            "text/CADDYFILE",
        ] {
            assert_eq!(of(caddyfile).unwrap(), Language::Of("caddyfile".into()));
        }
        assert_eq!(of("text/plain").unwrap(), Language::Of("plain".into()));
        for wrong in ["caddyfile", "x", "a/b/caddyfile", ";", "/json", "json/"] {
            assert_eq!(of(wrong).unwrap_err().status, 400, "{wrong}");
        }
    }
}
