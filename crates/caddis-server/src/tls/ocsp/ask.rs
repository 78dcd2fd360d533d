//! One question to one responder, and what it takes to put it.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Request, Response};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::{ClientConfig, RootCertStore};
use tokio::task::spawn_blocking;
use tokio::time::Duration;

use super::Stapling;
use super::answer::Answer;
use super::question::{Places, Question, fetched};
use crate::tls::issue::Fault;
use crate::tls::keeper::Clock;
use crate::tls::web::Web;
use crate::tls::{Certificate, system_roots};

/// How long a responder may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Asks the responder of a certificate.
pub(super) async fn ask(
    certificate: &Certificate,
    (places, stapling): (&Places, &Stapling),
    clock: Clock,
) -> Result<(Vec<u8>, Answer), Fault> {
    let named = places.responder.as_deref().unwrap_or_default();
    let responder = stapling.responder(named);
    let responder = responder.ok_or("nobody is to be asked")?;
    let leaf = certificate
        .chain()
        .first()
        .ok_or("there is no certificate")?;
    let issuer = match (certificate.chain().get(1), &places.issuer) {
        (Some(issuer), _) => issuer.clone(),
        (None, Some(url)) => {
            let request = Request::get(url.as_str()).body(Bytes::new());
            fetched(&send(request, url).await?)?
        }
        (None, None) => {
            return Err(
                "neither the chain nor an address in it has the authority's certificate".into(),
            );
        }
    };
    let question = Question::new(leaf, &issuer)?;
    let request = Request::post(responder)
        .header(CONTENT_TYPE, "application/ocsp-request")
        .header(ACCEPT, "application/ocsp-response")
        .body(Bytes::from(question.der()?));
    let der = send(request, responder).await?;
    let answer = Answer::read(&der, &question, clock.now());
    let answer = answer.map_err(|fault| format!("the answer of `{responder}`: {fault}"))?;
    // As in Caddy: who answers for longer than there is a certificate is not to be believed.
    if answer
        .next_update
        .is_some_and(|end| end > certificate.not_after)
    {
        return Err(format!(
            "the answer of `{responder}` holds for longer than the certificate"
        ));
    }
    Ok((der.to_vec(), answer))
}

async fn send(request: http::Result<Request<Bytes>>, url: &str) -> Result<Bytes, Fault> {
    let request = request.map_err(|error| format!("`{url}`: {error}"))?;
    let encrypted = request.uri().scheme_str() == Some("https");
    let tls = spawn_blocking(move || tls(encrypted)).await;
    let tls = tls.map_err(|error| error.to_string()).flatten();
    let tls = tls.map_err(|fault| format!("`{url}`: {fault}"))?;
    let answer: Response<Bytes> = (Web::new(tls, PATIENCE).ask(request).await)
        .map_err(|silence| format!("asking `{url}`: {silence}"))?;
    if !answer.status().is_success() {
        return Err(format!("`{url}` answered {}", answer.status()));
    }
    Ok(answer.into_body())
}

/// Whom we believe; almost all responders are asked without encryption, because their answers are signed.
fn tls(encrypted: bool) -> Result<Arc<ClientConfig>, Fault> {
    let roots = if encrypted {
        system_roots()?
    } else {
        Arc::new(RootCertStore::empty())
    };
    let provider = Arc::new(default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(Arc::new(
        config.with_root_certificates(roots).with_no_client_auth(),
    ))
}
