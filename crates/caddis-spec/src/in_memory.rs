//! A client and a server that talk over memory: HTTP as it is, and no port.

use std::future::Future;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};

use crate::spec::Protocol;
use crate::{Answer, Heard, Problem, Sent, client};

const BUFFER: usize = 64 * 1024;

/// Sends a request to a function that answers; its error closes the connection without an answer.
pub async fn talk<S, F, R, B, E>(answer: S, sent: &Sent, heard: &Heard) -> Result<Answer, Problem>
where
    S: Fn(Request<R>) -> F + Send + 'static,
    R: From<Incoming>,
    F: Future<Output = Result<Response<B>, E>> + Send + 'static,
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
{
    let (ours, theirs) = tokio::io::duplex(BUFFER);
    let stream = TokioIo::new(theirs);
    let protocol = sent.protocol;
    let server = tokio::spawn(async move {
        let service = service_fn(move |request: Request<Incoming>| answer(request.map(R::from)));
        // How the connection ends is seen by the client.
        let _ = match protocol {
            Protocol::H1 => {
                hyper::server::conn::http1::Builder::new()
                    .title_case_headers(true)
                    .half_close(true)
                    .serve_connection(stream, service)
                    .await
            }
            Protocol::H2 => {
                hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                    .serve_connection(stream, service)
                    .await
            }
        };
    });
    let answer = client::ask(ours, sent, heard).await;
    server.abort();
    answer.map_err(Problem::Failed)
}
