//! One call over gRPC: a message in a frame over HTTP/2, and a status in the trailers.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use http::header::{CONTENT_TYPE, TE, USER_AGENT};
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::collector::{AGENT, Fault};
use super::settings::Collector;

/// The most bytes of an answer.
const LONGEST: usize = 64 * 1024;

/// Tells a collector once. The time-out is the caller's.
pub(super) async fn tell(
    collector: &Collector,
    tls: Arc<ClientConfig>,
    message: &[u8],
) -> Result<(), Fault> {
    let request = request(collector, message).map_err(Fault::Never)?;
    let host = collector.url.host().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let encrypted = collector.url.scheme_str() == Some("https");
    let usual = if encrypted { 443 } else { 80 };
    let port = collector.url.port_u16().unwrap_or(usual);
    let later = |error: &dyn std::fmt::Display| Fault::Later(error.to_string());
    let stream = TcpStream::connect((host, port)).await;
    let stream = stream.map_err(|error| later(&error))?;
    if !encrypted {
        return call(stream, request).await;
    }
    let mut tls = ClientConfig::clone(&tls);
    tls.alpn_protocols = vec![b"h2".to_vec()];
    let name = ServerName::try_from(host.to_owned());
    let name = name.map_err(|error| Fault::Never(error.to_string()))?;
    let stream = TlsConnector::from(Arc::new(tls))
        .connect(name, stream)
        .await;
    call(stream.map_err(|error| later(&error))?, request).await
}

fn request(collector: &Collector, message: &[u8]) -> Result<Request<Full<Bytes>>, String> {
    let length = u32::try_from(message.len()).map_err(|error| error.to_string())?;
    let mut frame = BytesMut::with_capacity(message.len() + 5);
    // Not packed.
    frame.put_u8(0);
    frame.put_u32(length);
    frame.put_slice(message);
    let mut request = Request::post(collector.url.clone())
        .header(CONTENT_TYPE, "application/grpc")
        .header(TE, "trailers")
        .header(USER_AGENT, AGENT)
        .body(Full::new(frame.freeze()))
        .map_err(|error| error.to_string())?;
    for (name, value) in &collector.fields {
        request.headers_mut().insert(name, value.clone());
    }
    Ok(request)
}

async fn call<S>(stream: S, request: Request<Full<Bytes>>) -> Result<(), Fault>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let later = |error: &dyn std::fmt::Display| Fault::Later(error.to_string());
    let io = TokioIo::new(stream);
    let (mut sender, connection) =
        (http2::handshake(TokioExecutor::new(), io).await).map_err(|error| later(&error))?;
    let answer = async move {
        let answer = sender.send_request(request).await;
        let (head, body) = answer.map_err(|error| later(&error))?.into_parts();
        if !head.status.is_success() {
            return Err(Fault::Later(format!("it answered {}", head.status)));
        }
        let body = Limited::new(body, LONGEST).collect().await;
        let body = body.map_err(|error| Fault::Later(error.to_string()))?;
        // An answer without a message has its status in the header.
        status(body.trailers().unwrap_or(&head.headers))
    };
    let mut answer = std::pin::pin!(answer);
    tokio::select! {
        biased;
        answer = &mut answer => answer,
        // Its end is told to the one who waits for the answer.
        _ = connection => answer.await,
    }
}

/// What a call ended with.
fn status(fields: &HeaderMap) -> Result<(), Fault> {
    let text = |name: &str| fields.get(name).and_then(|field| field.to_str().ok());
    let code = text("grpc-status").unwrap_or("2");
    let message = text("grpc-message").unwrap_or_default();
    let fault = || format!("it answered with the gRPC status {code} {message}");
    match code {
        "0" => Ok(()),
        // Cancelled, deadline exceeded, resource exhausted, aborted, out of range, unavailable, data loss.
        "1" | "4" | "8" | "10" | "11" | "14" | "15" => Err(Fault::Later(fault())),
        _ => Err(Fault::Never(fault())),
    }
}
