//! `/pki/…`: the certificates of the server's own authorities.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use caddis_ir::{Authority, Config};
use http::{HeaderValue, Method, StatusCode, header};
use serde_json::json;

use super::answer::{Refusal, json_body};
use super::router::{Site, path};
use crate::tls::{PublicAuthority, Storage, public_authority};

/// The authority that every server has.
const LOCAL: &str = "local";
const CHAIN: HeaderValue = HeaderValue::from_static("application/pem-certificate-chain");

/// The authorities of a config, and where they are kept.
#[derive(Clone)]
pub(super) struct Authorities {
    storage: Storage,
    known: BTreeMap<String, Authority>,
}

impl Authorities {
    pub(super) fn of(config: &Config, storage: Storage) -> Self {
        let pki = config.apps.pki.clone().unwrap_or_default();
        let mut known = pki.certificate_authorities;
        known.entry(LOCAL.into()).or_default();
        Self { storage, known }
    }
}

/// Shows an authority, or its certificates.
pub(super) async fn pki(
    State(site): State<Arc<Site>>,
    request: Request,
) -> Result<Response, Refusal> {
    if request.method() != Method::GET {
        return Err(Refusal::method(request.method(), "GET"));
    }
    let path = path(request.uri());
    let steps: Vec<_> = path.trim_start_matches('/').split('/').collect();
    match steps.as_slice() {
        ["pki", "ca", id] if !id.is_empty() => {
            let authority = open(&site, id).await?;
            Ok(json_body(&json!({
                "id": id,
                "name": authority.name,
                "root_common_name": authority.root.common_name,
                "intermediate_common_name": authority.intermediate.common_name,
                "root_certificate": authority.root.pem,
                "intermediate_certificate": authority.intermediate.pem,
            }))
            .into_response())
        }
        ["pki", "ca", id, "certificates"] => {
            let authority = open(&site, id).await?;
            let chain = authority.intermediate.pem + &authority.root.pem;
            Ok(([(header::CONTENT_TYPE, CHAIN)], chain).into_response())
        }
        _ => {
            let message = format!("there is nothing at `{path}`; ask for `/pki/ca/<id>`");
            Err(Refusal::new(StatusCode::NOT_FOUND, message))
        }
    }
}

/// Opens an authority; one that is not kept yet is made, as in Caddy.
async fn open(site: &Site, id: &str) -> Result<PublicAuthority, Refusal> {
    let Authorities { storage, known } = site.authorities.clone();
    let Some(config) = known.get(id).cloned() else {
        let message = format!("the config has no certificate authority `{id}`");
        return Err(Refusal::new(StatusCode::NOT_FOUND, message));
    };
    // A config that is loaded meanwhile could make the same one.
    let turn = site.serving.turn().await;
    let id = id.to_owned();
    let opening = tokio::task::spawn_blocking(move || public_authority(&storage, &id, &config));
    let opened = opening.await.unwrap_or_else(|error| Err(error.to_string()));
    drop(turn);
    opened.map_err(|fault| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, fault))
}
