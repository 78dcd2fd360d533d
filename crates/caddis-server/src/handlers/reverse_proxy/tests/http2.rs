//! Upstreams that speak HTTP/2, and upstreams behind TLS.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use futures_util::stream::unfold;
use http_body::Frame;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use parking_lot::Mutex;
use rustls::{RootCertStore, ServerConfig};
use tokio_rustls::TlsAcceptor;

use super::world::{Peer, World, errors, handler, handlers, proxy};
use crate::Target;

const GET: &str = "GET /x?y HTTP/1.1\r\nHost: a\r\n\r\n";
const POST: &str =
    "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";

/// Says what it was asked: method, target, fields that are about the host, body.
async fn echo(request: http::Request<Incoming>) -> Result<http::Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let field = |name: &str| {
        let value = head.headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or("-").to_owned()
    };
    let text = format!(
        "{} {} {:?} host={} forwarded={} via={} body=",
        head.method,
        head.uri,
        head.version,
        field("host"),
        field("x-forwarded-host"),
        field("via")
    );
    let mut answer = text.into_bytes();
    answer.extend_from_slice(&body.collect().await.unwrap().to_bytes());
    Ok(http::Response::new(Full::from(answer)))
}

async fn serve_http2(stream: impl crate::Stream + 'static) {
    let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service_fn(echo))
        .await;
}

async fn serve_http1(stream: impl crate::Stream + 'static) {
    let _ = hyper::server::conn::http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service_fn(echo))
        .await;
}

/// Asks and returns the answer's body.
async fn asked(client: &mut Peer, request: &str) -> String {
    client.says(request).await;
    let head = client.head().await;
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    client.sized_body(&head).await
}

#[tokio::test(start_paused = true)]
async fn h2c_carries_all_requests_over_one_connection() {
    let mut world = proxy(r#""transport":{"protocol":"http","versions":["h2c","2"]}"#);
    let mut client = world.client();
    client.says(GET).await;
    tokio::spawn(serve_http2(world.upstream().await.stream));
    let head = client.head().await;
    assert!(head.contains("Via: 2.0 caddis"), "{head}");
    assert_eq!(
        client.sized_body(&head).await,
        "GET http://a/x?y HTTP/2.0 host=- forwarded=a via=1.1 caddis body="
    );
    assert!(asked(&mut client, POST).await.ends_with("body=hi"));
    assert!(asked(&mut world.client(), POST).await.ends_with("body=hi"));
    assert!(world.has_dialled_no_more());
}

#[tokio::test(start_paused = true)]
async fn an_http2_connection_that_is_gone_is_replaced() {
    let mut world = proxy(r#""transport":{"protocol":"http","versions":["h2c"]}"#);
    let mut client = world.client();
    client.says(GET).await;
    let server = tokio::spawn(serve_http2(world.upstream().await.stream));
    let head = client.head().await;
    client.sized_body(&head).await;
    server.abort();
    assert!(server.await.is_err());
    client.says(GET).await;
    tokio::spawn(serve_http2(world.upstream().await.stream));
    assert!(client.head().await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_cannot_go_over_h2c() {
    let world = proxy(r#""transport":{"protocol":"http","versions":["h2c"]}"#);
    let mut client = world.client();
    client
        .says("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        .await;
    assert!(client.head().await.starts_with("HTTP/1.1 502 "));
}

type Frames = dyn Stream<Item = Result<Frame<Bytes>, std::io::Error>> + Send;

/// Begins an answer, and breaks it off a second later.
async fn cut_off(
    _: http::Request<Incoming>,
) -> Result<http::Response<StreamBody<Pin<Box<Frames>>>>, Infallible> {
    let frames = unfold(false, |has_begun| async move {
        if has_begun {
            tokio::time::sleep(Duration::from_secs(1)).await;
            return Some((Err(std::io::Error::other("cut off")), true));
        }
        Some((Ok(Frame::data(Bytes::from_static(b"hi"))), true))
    });
    let frames: Pin<Box<Frames>> = Box::pin(frames);
    Ok(http::Response::new(StreamBody::new(frames)))
}

#[tokio::test(start_paused = true)]
async fn an_answer_over_http2_that_is_cut_off_never_looks_complete() {
    let mut world = proxy(r#""transport":{"protocol":"http","versions":["h2c"]}"#);
    let mut client = world.client();
    client.says(GET).await;
    let upstream = world.upstream().await.stream;
    tokio::spawn(async move {
        let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(upstream), service_fn(cut_off))
            .await;
    });
    client.head().await;
    client.hears("2\nhi\n").await;
    client.hears_the_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_body_over_the_limit_is_a_failed_request_over_http2_too() {
    let limit = r#"{"handler":"request_body","max_size":5}"#;
    let h2c = r#""transport":{"protocol":"http","versions":["h2c"]}"#;
    let mut world = World::new(&handlers(&format!(
        "{limit},{}",
        handler("127.0.0.1:80", h2c)
    )));
    let mut client = world.client();
    client
        .says("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n123\r\n")
        .await;
    let upstream = world.upstream().await.stream;
    let (failed, failure) = tokio::sync::oneshot::channel();
    let failed = Arc::new(Mutex::new(Some(failed)));
    tokio::spawn(async move {
        let collect = service_fn(move |request: http::Request<Incoming>| {
            let failed = failed.lock().take();
            async move {
                let is_error = request.into_body().collect().await.is_err();
                let _ = failed.map(|failed| failed.send(is_error));
                Ok::<_, Infallible>(http::Response::new(Full::<Bytes>::default()))
            }
        });
        let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
            .serve_connection(TokioIo::new(upstream), collect)
            .await;
    });
    tokio::time::sleep(Duration::from_secs(1)).await;
    client.says("3\r\n456\r\n0\r\n\r\n").await;
    assert!(client.head().await.starts_with("HTTP/1.1 413 "));
    assert_eq!(failure.await, Ok(true));
}

/// A proxy to `upstream.test:443` over TLS, and what that server needs to prove its name.
fn tls_world(name: &str, versions: &str, alpn: &[&[u8]]) -> (World, TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(made.cert.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let key = made.signing_key.serialize_der().try_into().unwrap();
    let mut server = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key)
        .unwrap();
    server.alpn_protocols = alpn.iter().map(|name| name.to_vec()).collect();
    let transport = format!(r#""transport":{{"protocol":"http","tls":{{}}{versions}}}"#);
    let config = handlers(&handler("upstream.test:443", &transport));
    let world = World::with_roots(&config, Some(Arc::new(roots)));
    (world, TlsAcceptor::from(Arc::new(server)))
}

/// Takes the next connection, makes the handshake and serves what was agreed on.
async fn serve_tls(world: &mut World, acceptor: &TlsAcceptor) -> Option<String> {
    let (target, peer) = world.dialled().await;
    assert_eq!(target, Target::Tcp("upstream.test".into(), 443));
    let stream = acceptor.accept(peer.stream).await.ok()?;
    let (_, session) = stream.get_ref();
    let name = session.server_name().unwrap_or_default().to_owned();
    let http2 = session.alpn_protocol() == Some(b"h2");
    if http2 {
        tokio::spawn(serve_http2(stream));
    } else {
        tokio::spawn(serve_http1(stream));
    }
    Some(format!("{name} {}", if http2 { "h2" } else { "http/1.1" }))
}

#[tokio::test(start_paused = true)]
async fn an_upstream_behind_tls_is_verified_and_asked_by_its_name() {
    for (versions, alpn, agreed, host) in [
        (
            "",
            &[b"h2".as_slice(), b"http/1.1"] as &[&[u8]],
            "h2",
            "https://upstream.test:443/x?y HTTP/2.0 host=-",
        ),
        (
            "",
            &[b"http/1.1"],
            "http/1.1",
            "/x?y HTTP/1.1 host=upstream.test:443",
        ),
        ("", &[], "http/1.1", "/x?y HTTP/1.1 host=upstream.test:443"),
        (
            r#","versions":["1.1"]"#,
            &[b"h2", b"http/1.1"],
            "http/1.1",
            "/x?y HTTP/1.1 host=upstream.test:443",
        ),
    ] {
        let (mut world, acceptor) = tls_world("upstream.test", versions, alpn);
        let mut client = world.client();
        client.says(GET).await;
        let served = serve_tls(&mut world, &acceptor).await;
        assert_eq!(served, Some(format!("upstream.test {agreed}")));
        let head = client.head().await;
        assert_eq!(
            client.sized_body(&head).await,
            format!("GET {host} forwarded=a via=1.1 caddis body=")
        );
        assert!(asked(&mut client, POST).await.ends_with("body=hi"));
        assert!(world.has_dialled_no_more());
    }
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_cannot_prove_its_name_is_a_bad_gateway() {
    let (mut world, acceptor) = tls_world("other.test", "", &[]);
    let mut client = world.client();
    client.says(GET).await;
    assert_eq!(serve_tls(&mut world, &acceptor).await, None);
    assert!(client.head().await.starts_with("HTTP/1.1 502 "));
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_behind_tls_is_asked_for_over_http1() {
    let (mut world, acceptor) = tls_world("upstream.test", "", &[b"h2", b"http/1.1"]);
    let mut client = world.client();
    client
        .says("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
        .await;
    let served = serve_tls(&mut world, &acceptor).await;
    assert_eq!(served.as_deref(), Some("upstream.test http/1.1"));
}

#[test]
fn a_version_that_is_not_there_is_refused_by_name() {
    let config = handlers(&handler(
        "a:80",
        r#""transport":{"protocol":"http","versions":["3"]}"#,
    ));
    assert_eq!(
        errors(&config),
        [
            "apps/http/servers/srv0/routes/0/handle/0/transport/versions/0: caddis cannot speak HTTP version `3` with an upstream"
        ]
    );
}

#[test]
fn an_address_that_is_none_is_refused_at_its_place() {
    assert_eq!(
        errors(&handlers(&handler("nowhere", ""))),
        [
            "apps/http/servers/srv0/routes/0/handle/0/upstreams/0/dial: `nowhere` is not the address of an upstream: write `host:port`"
        ]
    );
}
