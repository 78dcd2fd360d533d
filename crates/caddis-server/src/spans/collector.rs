//! A collector, told of spans over HTTP or gRPC.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderValue, Request};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::{ClientConfig, RootCertStore};

use super::grpc;
use super::settings::{Collector, Protocol};
use crate::tls::{Web, system_roots};

/// Why a collector did not take spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It may take them later.
    Later(String),
    /// It will not.
    Never(String),
}

/// The name of who tells.
pub(super) const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("caddis/", env!("CARGO_PKG_VERSION")));

/// Tells a collector once.
pub(super) async fn tell(collector: &Collector, body: &[u8]) -> Result<(), Fault> {
    let encrypted = collector.url.scheme_str() == Some("https");
    let tls = tokio::task::spawn_blocking(move || tls(encrypted)).await;
    let tls = tls.map_err(|error| error.to_string()).flatten();
    let tls = tls.map_err(Fault::Later)?;
    match collector.protocol {
        Protocol::Http => over_http(collector, tls, body).await,
        Protocol::Grpc => {
            let told = grpc::tell(collector, tls, body);
            let told = tokio::time::timeout(collector.patience, told).await;
            told.unwrap_or_else(|_| Err(Fault::Later("it took too long".into())))
        }
    }
}

async fn over_http(
    collector: &Collector,
    tls: Arc<ClientConfig>,
    body: &[u8],
) -> Result<(), Fault> {
    let mut request = Request::post(collector.url.clone())
        .header(CONTENT_TYPE, "application/x-protobuf")
        .header(USER_AGENT, AGENT)
        .body(Bytes::copy_from_slice(body))
        .map_err(|error| Fault::Never(error.to_string()))?;
    for (name, value) in &collector.fields {
        request.headers_mut().insert(name, value.clone());
    }
    let answer = Web::new(tls, collector.patience).ask(request).await;
    let answer = answer.map_err(|silence| Fault::Later(silence.to_string()))?;
    let status = answer.status();
    match status.as_u16() {
        200..=299 => Ok(()),
        429 | 502..=504 => Err(Fault::Later(format!("it answered {status}"))),
        _ => Err(Fault::Never(format!("it answered {status}"))),
    }
}

fn tls(encrypted: bool) -> Result<Arc<ClientConfig>, String> {
    let roots = if encrypted {
        system_roots()?
    } else {
        Arc::new(RootCertStore::empty())
    };
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?;
    Ok(Arc::new(
        config.with_root_certificates(roots).with_no_client_auth(),
    ))
}
