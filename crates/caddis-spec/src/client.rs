//! Sends one request over a stream, HTTP/1.1 or HTTP/2, and hears its answer as it comes.

use bytes::Bytes;
use futures_util::stream;
use http::Request;
use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::spec::Protocol;
use crate::{Answer, Heard, Sent};

type Body = UnsyncBoxBody<Bytes, std::convert::Infallible>;

/// Sends a request over a stream that is there for it alone; the error says why it cannot be sent.
pub(crate) async fn ask(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    sent: &Sent,
    heard: &Heard,
) -> Result<Answer, String> {
    let request = request(sent)?;
    let failed = |error: hyper::Error| error.to_string();
    let stream = TokioIo::new(stream);
    match sent.protocol {
        Protocol::H1 => {
            let (mut sender, connection) = hyper::client::conn::http1::Builder::new()
                .title_case_headers(true)
                .handshake(stream)
                .await
                .map_err(failed)?;
            let _connection = Connection(tokio::spawn(async move {
                // How the connection ends is seen by who reads the answer.
                let _ = connection.await;
            }));
            answer(sender.send_request(request).await, heard).await
        }
        Protocol::H2 => {
            let (mut sender, connection) =
                hyper::client::conn::http2::handshake(TokioExecutor::new(), stream)
                    .await
                    .map_err(failed)?;
            let _connection = Connection(tokio::spawn(async move {
                // How the connection ends is seen by who reads the answer.
                let _ = connection.await;
            }));
            answer(sender.send_request(request).await, heard).await
        }
    }
}

/// A connection that is closed when its answer has been read.
struct Connection(tokio::task::JoinHandle<()>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn answer(
    response: Result<hyper::Response<Incoming>, hyper::Error>,
    heard: &Heard,
) -> Result<Answer, String> {
    let response = match response {
        Ok(response) => response,
        Err(error) if error.is_user() || error.is_parse() => {
            return Err(error.to_string());
        }
        Err(_) => return Ok(Answer::Aborted),
    };
    let (parts, mut body) = response.into_parts();
    let mut broken = None;
    while let Some(frame) = body.frame().await {
        match frame {
            Ok(frame) => {
                if let Some(data) = frame.data_ref() {
                    heard.add(data);
                }
            }
            Err(error) => {
                broken = Some(causes(&error));
                break;
            }
        }
    }
    Ok(Answer::Response {
        head: Box::new(parts),
        broken,
    })
}

fn request(sent: &Sent) -> Result<Request<Body>, String> {
    let failed = |error: http::Error| error.to_string();
    let chunked = sent.headers.contains_key(TRANSFER_ENCODING);
    let mut headers = sent.headers.clone();
    let uri = match sent.protocol {
        Protocol::H1 => sent
            .url
            .path_and_query()
            .map_or("/", |path| path.as_str())
            .to_owned(),
        Protocol::H2 => {
            headers.remove(TRANSFER_ENCODING);
            authority(sent)
        }
    };
    if sent.protocol == Protocol::H2 {
        headers.remove(HOST);
    }
    let body = match &sent.body {
        None => Empty::new().boxed_unsync(),
        Some(bytes) if chunked => {
            headers.remove(CONTENT_LENGTH);
            let frame = Ok(Frame::data(bytes.clone()));
            StreamBody::new(stream::iter([frame])).boxed_unsync()
        }
        Some(bytes) => Full::new(bytes.clone()).boxed_unsync(),
    };
    let mut request = Request::builder()
        .method(sent.method.clone())
        .uri(uri)
        .body(body)
        .map_err(failed)?;
    *request.headers_mut() = headers;
    Ok(request)
}

/// The URL with the `Host` field as its authority, where HTTP/2 has it.
fn authority(sent: &Sent) -> String {
    let host = sent.headers.get(HOST).and_then(|host| host.to_str().ok());
    let scheme = sent.url.scheme_str().unwrap_or("http");
    let path = sent.url.path_and_query().map_or("/", |path| path.as_str());
    format!("{scheme}://{}{path}", host.unwrap_or(""))
}

/// What went wrong, and why.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(why) = cause {
        text = format!("{text}: {why}");
        cause = why.source();
    }
    text
}
