//! HTTP/2 connections without TLS, against real sockets on loopback.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{StatusCode, Version};
use http_body_util::{BodyExt, Empty, StreamBody};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{Answer, ListenAddress, Listener, Served, Settings, Stop, Workers, serving};
use crate::{Body, Connection, Request, Response};

/// Streams what the test sends, for the path `/stream`; aborts `/abort`.
struct Stub(parking_lot::Mutex<Option<UnboundedReceiver<&'static str>>>);

impl Answer for Stub {
    async fn answer(&self, _: Arc<Connection>, request: Request) -> Option<Response> {
        match request.uri().path() {
            "/abort" => None,
            "/stream" => {
                let tokens = self.0.lock().take()?;
                let frames = futures_util::stream::unfold(tokens, |mut tokens| async {
                    let token = tokens.recv().await?;
                    Some((Ok(http_body::Frame::data(Bytes::from(token))), tokens))
                });
                Some(Response::new(Body::new(StreamBody::new(frames))))
            }
            _ => Some(Response::new("hello".into())),
        }
    }
}

fn serve(stub: Stub, mut settings: Settings) -> Workers<Stub> {
    settings.h2c = true;
    let listener = Listener {
        address: ListenAddress::parse("127.0.0.1:0").unwrap(),
        served: Arc::new(Served {
            tree: Arc::new(stub),
            settings: Arc::new(settings),
            tls: None,
        }),
    };
    serving(vec![listener], 1).unwrap()
}

async fn connect(running: &Workers<Stub>) -> SendRequest<Empty<Bytes>> {
    let stream = TcpStream::connect(("127.0.0.1", running.ports()[0]));
    let io = TokioIo::new(stream.await.unwrap());
    let (sender, connection) = handshake(TokioExecutor::new(), io).await.unwrap();
    tokio::spawn(connection);
    sender
}

fn get(path: &str) -> http::Request<Empty<Bytes>> {
    let uri = format!("http://a.test{path}");
    http::Request::get(uri).body(Empty::new()).unwrap()
}

/// No test waits longer for anything.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    let patience = Duration::from_secs(20);
    tokio::time::timeout(patience, future).await.unwrap()
}

#[tokio::test]
async fn a_stream_goes_on_while_the_server_stops() {
    let (tokens, stream) = unbounded_channel();
    let mut running = serve(Stub(Some(stream).into()), Settings::default());
    let mut client = connect(&running).await;
    let response = soon(client.send_request(get("/stream"))).await.unwrap();
    assert_eq!(
        (response.status(), response.version()),
        (StatusCode::OK, Version::HTTP_2)
    );
    let mut body = response.into_body();
    let mut next = async |token| {
        tokens.send(token).unwrap();
        let frame = soon(body.frame()).await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), token);
    };
    next("one").await;
    running.stop(Stop::Graceful(None));
    // The client is told, and can make no new request on this connection.
    soon(async { while client.send_request(get("/")).await.is_ok() {} }).await;
    next("two").await;
    assert!(!running.have_ended());
    drop(tokens);
    let rest = soon(body.collect()).await.unwrap();
    assert!(rest.to_bytes().is_empty());
    tokio::task::spawn_blocking(move || running.join().unwrap())
        .await
        .unwrap();
}

#[tokio::test]
async fn an_aborted_request_resets_its_stream_and_no_other() {
    let running = serve(Stub(None.into()), Settings::default());
    let mut client = connect(&running).await;
    assert!(soon(client.send_request(get("/abort"))).await.is_err());
    let response = soon(client.send_request(get("/"))).await.unwrap();
    assert_eq!(
        response.into_body().collect().await.unwrap().to_bytes(),
        "hello"
    );
    running.stop(Stop::Now);
}

#[tokio::test]
async fn an_unused_connection_is_told_to_end_in_time() {
    let settings = Settings {
        idle_timeout: Some(Duration::from_millis(200)),
        ..Settings::default()
    };
    let running = serve(Stub(None.into()), settings);
    let mut client = connect(&running).await;
    soon(client.send_request(get("/"))).await.unwrap();
    soon(async {
        while client.ready().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;
    running.stop(Stop::Now);
}

#[tokio::test]
async fn a_response_has_the_time_of_the_write_time_out_and_no_more() {
    let (_tokens, stream) = unbounded_channel();
    let settings = Settings {
        write_timeout: Some(Duration::from_millis(200)),
        ..Settings::default()
    };
    let running = serve(Stub(Some(stream).into()), settings);
    let mut client = connect(&running).await;
    let response = soon(client.send_request(get("/stream"))).await.unwrap();
    assert!(soon(response.into_body().collect()).await.is_err());
    running.stop(Stop::Now);
}
