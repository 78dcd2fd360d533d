//! A collector of spans for tests, over HTTP or gRPC.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::thread;

use bytes::{Buf, Bytes};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use tokio::net::TcpListener;

/// How it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaks {
    Http,
    Grpc,
}

/// A collector; its thread ends with the tests.
pub(crate) struct Collector {
    pub(crate) port: u16,
    told: Arc<Mutex<Vec<Told>>>,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    headers: HeaderMap,
    message: ExportTraceServiceRequest,
}

impl Collector {
    pub(crate) fn start(speaks: Speaks) -> Self {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("the loopback has ports");
        socket.set_nonblocking(true).expect("sockets can do that");
        let port = socket.local_addr().expect("it is bound").port();
        let told: Arc<Mutex<Vec<Told>>> = Arc::default();
        let all = Arc::clone(&told);
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime
                .expect("there is room for a runtime")
                .block_on(serve(socket, speaks, all));
        });
        Self { port, told }
    }

    /// What it was told so far.
    pub(crate) fn requests(&self) -> Vec<Told> {
        self.told.lock().expect("nobody panics with it").clone()
    }
}

impl Told {
    pub(crate) fn spans(&self) -> Vec<Span> {
        let resources = self.message.resource_spans.iter();
        let scopes = resources.flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| scope.spans.clone()).collect()
    }

    /// What the server said of itself.
    pub(crate) fn resource(&self) -> Vec<KeyValue> {
        let resources = self.message.resource_spans.iter();
        let resources = resources.filter_map(|of| of.resource.clone());
        resources.flat_map(|resource| resource.attributes).collect()
    }

    pub(crate) fn field(&self, name: &str) -> Option<String> {
        Some(self.headers.get(name)?.to_str().ok()?.to_owned())
    }
}

async fn serve(socket: std::net::TcpListener, speaks: Speaks, told: Arc<Mutex<Vec<Told>>>) {
    let socket = TcpListener::from_std(socket).expect("it is a socket");
    while let Ok((stream, _)) = socket.accept().await {
        let told = Arc::clone(&told);
        let service = service_fn(move |request| answer(request, speaks, Arc::clone(&told)));
        let io = TokioIo::new(stream);
        tokio::spawn(async move {
            match speaks {
                Speaks::Http => http1::Builder::new()
                    .serve_connection(io, service)
                    .await
                    .ok(),
                Speaks::Grpc => {
                    let server = http2::Builder::new(TokioExecutor::new());
                    server.serve_connection(io, service).await.ok()
                }
            }
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    speaks: Speaks,
    told: Arc<Mutex<Vec<Told>>>,
) -> Result<Response<http_body_util::combinators::BoxBody<Bytes, Infallible>>, Infallible> {
    let (head, body) = request.into_parts();
    let mut body = body
        .collect()
        .await
        .expect("the server sends all of it")
        .to_bytes();
    let path = match speaks {
        Speaks::Http => "/v1/traces",
        Speaks::Grpc => {
            assert_eq!(body.get_u8(), 0, "it is not packed");
            assert_eq!(body.get_u32() as usize, body.len());
            "/opentelemetry.proto.collector.trace.v1.TraceService/Export"
        }
    };
    assert_eq!(head.uri.path(), path);
    let message = ExportTraceServiceRequest::decode(body).expect("it is what OTLP says");
    let one = Told {
        headers: head.headers,
        message,
    };
    told.lock().expect("nobody panics with it").push(one);
    let mut response = Response::new(Full::new(Bytes::new()).boxed());
    if speaks == Speaks::Grpc {
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", HeaderValue::from_static("0"));
        let frame = Full::new(Bytes::from_static(&[0; 5]));
        let body = frame.with_trailers(async move { Some(Ok(trailers)) });
        *response.body_mut() = body.boxed();
    }
    Ok(response)
}
