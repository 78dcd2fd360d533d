//! Connections to upstreams: kept, taken up again, found closed, too slow.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::world::{Fails, Peer, World, handler, handlers, proxy};
use crate::handlers::reverse_proxy::keep::{IDLE, MAX_WAITING};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// A client that was answered, and the upstream that answered it.
async fn answered(world: &mut World) -> (Peer, Peer) {
    let mut client = world.client();
    client.says(GET).await;
    let mut upstream = world.upstream().await;
    upstream.head().await;
    upstream.says(OK).await;
    client.head().await;
    client.hears("ok").await;
    (client, upstream)
}

async fn ask(client: &mut Peer, request: &str, upstream: &mut Peer) {
    client.says(request).await;
    upstream.head().await;
    upstream.says(OK).await;
    assert!(client.head().await.starts_with("HTTP/1.1 200 "));
    client.hears("ok").await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_serves_one_request_after_the_other() {
    let mut world = proxy("");
    let (mut client, mut upstream) = answered(&mut world).await;
    ask(&mut client, GET, &mut upstream).await;
    ask(&mut world.client(), GET, &mut upstream).await;
    assert!(world.has_dialled_no_more());
}

#[tokio::test(start_paused = true)]
async fn requests_at_the_same_time_have_connections_of_their_own() {
    let mut world = proxy("");
    let (mut one, mut other) = (world.client(), world.client());
    one.says(GET).await;
    let mut first = world.upstream().await;
    other.says(GET).await;
    let mut second = world.upstream().await;
    first.says(OK).await;
    second.says(OK).await;
    for client in [&mut one, &mut other] {
        client.head().await;
        client.hears("ok").await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_the_upstream_closed_is_not_taken_up_again() {
    let mut world = proxy("");
    let (mut client, upstream) = answered(&mut world).await;
    drop(upstream);
    client
        .says("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na")
        .await;
    let mut fresh = world.upstream().await;
    fresh.head().await;
    fresh.hears("a").await;
}

/// The end has arrived at the socket, and the runtime has not looked there since: the proxy has to look once more.
#[tokio::test]
async fn a_connection_that_is_closed_just_now_is_not_taken_up_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let world = World::over_network(&handlers(&handler(&address, "")));
    let mut client = world.client();
    client.says(GET).await;
    let (mut upstream, _) = listener.accept().await.unwrap();
    upstream.write_all(OK.as_bytes()).await.unwrap();
    client.head().await;
    client.hears("ok").await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(2)).await;
    tokio::time::resume();
    client
        .says("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na")
        .await;
    drop(upstream);
    let (mut fresh, _) = tokio::select! {
        accepted = listener.accept() => accepted.unwrap(),
        head = client.head() => panic!("answered over the closed connection: {head}"),
    };
    fresh.write_all(OK.as_bytes()).await.unwrap();
    assert!(client.head().await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test(start_paused = true)]
async fn a_request_that_may_be_sent_twice_is_tried_again_on_a_fresh_connection() {
    for request in [
        GET,
        "POST / HTTP/1.1\r\nHost: a\r\nIdempotency-Key: 1\r\nContent-Length: 0\r\n\r\n",
    ] {
        let mut world = proxy("");
        let (mut client, mut upstream) = answered(&mut world).await;
        client.says(request).await;
        let head = upstream.head().await;
        drop(upstream);
        let mut fresh = world.upstream().await;
        assert_eq!(fresh.head().await, head);
        fresh.says(OK).await;
        assert!(client.head().await.starts_with("HTTP/1.1 200 "));
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_may_have_been_acted_on_is_not_sent_twice() {
    let mut world = proxy("");
    let (mut client, mut upstream) = answered(&mut world).await;
    client
        .says("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\na")
        .await;
    upstream.head().await;
    drop(upstream);
    assert!(client.head().await.starts_with("HTTP/1.1 502 "));
    assert!(world.has_dialled_no_more());
}

#[tokio::test(start_paused = true)]
async fn a_fresh_connection_that_is_closed_is_not_tried_again() {
    let mut world = proxy("");
    let mut client = world.client();
    client.says(GET).await;
    let mut upstream = world.upstream().await;
    upstream.head().await;
    drop(upstream);
    assert!(client.head().await.starts_with("HTTP/1.1 502 "));
    assert!(world.has_dialled_no_more());
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_waited_too_long_is_closed() {
    let mut world = proxy("");
    let (_client, mut upstream) = answered(&mut world).await;
    let since = tokio::time::Instant::now();
    upstream.hears_the_end().await;
    let waited = since.elapsed();
    assert!(waited >= IDLE && waited < 2 * IDLE, "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn only_so_many_connections_wait_at_a_time() {
    let mut world = proxy("");
    let mut pairs = Vec::new();
    for _ in 0..=MAX_WAITING {
        let mut client = world.client();
        client.says(GET).await;
        pairs.push((client, world.upstream().await));
    }
    for (client, upstream) in &mut pairs {
        upstream.head().await;
        upstream.says(OK).await;
        client.head().await;
        client.hears("ok").await;
    }
    // The one that waited longest has to go.
    let (_, first) = &mut pairs[0];
    first.hears_the_end().await;
    let (client, last) = &mut pairs[MAX_WAITING];
    ask(client, GET, last).await;
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_says_close_is_asked_on_a_fresh_connection() {
    let mut world = proxy("");
    let mut client = world.client();
    client.says(GET).await;
    let mut upstream = world.upstream().await;
    upstream
        .says("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok")
        .await;
    client.head().await;
    client.hears("ok").await;
    client.says(GET).await;
    assert_eq!(
        world.upstream().await.head().await.lines().next(),
        Some("GET / HTTP/1.1")
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_before_the_bodys_end_ends_the_connection() {
    let mut world = proxy("");
    let mut client = world.client();
    client
        .says("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\na")
        .await;
    let mut upstream = world.upstream().await;
    upstream.head().await;
    upstream.hears("a").await;
    upstream
        .says("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        .await;
    assert!(client.head().await.starts_with("HTTP/1.1 413 "));
    client.hears("no").await;
    upstream.hears_the_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_dial_that_takes_too_long_is_given_up() {
    for (settings, limit) in [
        ("", 3000),
        (
            r#""transport":{"protocol":"http","dial_timeout":500000000}"#,
            500,
        ),
    ] {
        let world = proxy(settings);
        world.dials(Fails::Never);
        let mut client = world.client();
        let since = tokio::time::Instant::now();
        client.says(GET).await;
        assert!(client.head().await.starts_with("HTTP/1.1 502 "));
        assert_eq!(since.elapsed().as_millis() / 10 * 10, limit);
    }
}

/// The time for the answer begins when the request has been sent, as in Go.
#[tokio::test(start_paused = true)]
async fn a_late_header_is_a_gateway_timeout_and_a_slow_body_is_not() {
    let mut world = proxy(r#""transport":{"protocol":"http","response_header_timeout":"700ms"}"#);
    let mut client = world.client();
    client
        .says("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na")
        .await;
    let mut upstream = world.upstream().await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    client.says("b").await;
    upstream.head().await;
    upstream.hears("ab").await;
    let since = tokio::time::Instant::now();
    assert!(client.head().await.starts_with("HTTP/1.1 504 "));
    assert_eq!(since.elapsed().as_millis() / 10 * 10, 700);
    upstream.hears_the_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_stream_may_be_silent_longer_than_the_header_may_take() {
    let mut world = proxy(r#""transport":{"protocol":"http","response_header_timeout":"700ms"}"#);
    let mut client = world.client();
    client.says(GET).await;
    let mut upstream = world.upstream().await;
    upstream
        .says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
        .await;
    client.head().await;
    tokio::time::sleep(Duration::from_mins(10)).await;
    upstream.says("ok").await;
    client.hears("ok").await;
}

#[tokio::test(start_paused = true)]
async fn a_read_that_takes_too_long_is_a_gateway_timeout() {
    let mut world = proxy(r#""transport":{"protocol":"http","read_timeout":"300ms"}"#);
    let mut client = world.client();
    client.says(GET).await;
    let _upstream = world.upstream().await;
    assert!(client.head().await.starts_with("HTTP/1.1 504 "));
}

#[tokio::test(start_paused = true)]
async fn a_read_that_takes_too_long_cuts_the_answer_off() {
    let mut world = proxy(r#""transport":{"protocol":"http","read_timeout":"300ms"}"#);
    let mut client = world.client();
    client.says(GET).await;
    let mut upstream = world.upstream().await;
    upstream
        .says("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok")
        .await;
    client.head().await;
    client.hears("ok").await;
    client.hears_the_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_write_that_takes_too_long_is_a_gateway_timeout() {
    let mut world = proxy(r#""transport":{"protocol":"http","write_timeout":"300ms"}"#);
    let mut client = world.client();
    let size = 10_000_000;
    client
        .says(&format!(
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n"
        ))
        .await;
    let _upstream = world.upstream().await;
    let (mut reader, mut writer) = tokio::io::split(client.stream);
    let flood = tokio::spawn(async move { writer.write_all(&vec![b'a'; size]).await });
    let mut status = [0; 12];
    reader.read_exact(&mut status).await.unwrap();
    assert_eq!(&status, b"HTTP/1.1 504");
    flood.abort();
}
