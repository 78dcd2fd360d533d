//! `Upgrade`: WebSocket and its like.

use tokio::io::AsyncWriteExt;

use super::world::{Peer, World, proxy};

const UPGRADE: &str = "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Key: k\r\n\r\n";
const SWITCH: &str = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: z\r\n\r\n";

async fn upgraded(world: &mut World) -> (Peer, Peer) {
    let mut client = world.client();
    client.says(UPGRADE).await;
    let mut upstream = world.upstream().await;
    assert_eq!(
        upstream.head().await,
        "GET /ws HTTP/1.1
Connection: Upgrade
Host: a
Sec-Websocket-Key: k
Upgrade: WebSocket
Via: 1.1 caddis
X-Forwarded-For: 10.0.0.9
X-Forwarded-Host: a
X-Forwarded-Proto: http"
    );
    // What the upstream says at once comes with the head.
    upstream.says(&format!("{SWITCH}HELLO")).await;
    assert_eq!(
        client.head().await,
        "HTTP/1.1 101 Switching Protocols
Connection: Upgrade
Sec-Websocket-Accept: z
Server: caddis
Upgrade: WebSocket"
    );
    client.hears("HELLO").await;
    (client, upstream)
}

#[tokio::test(start_paused = true)]
async fn bytes_pass_both_ways_and_each_end_may_finish_first() {
    let mut world = proxy("");
    let (mut client, mut upstream) = upgraded(&mut world).await;
    client.says("ping").await;
    upstream.hears("ping").await;
    upstream.says("pong").await;
    client.hears("pong").await;
    client.stream.shutdown().await.unwrap();
    upstream.hears_the_end().await;
    upstream.says("last").await;
    drop(upstream);
    client.hears("last").await;
    client.hears_the_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_changed_its_protocol_serves_no_other_request() {
    let mut world = proxy("");
    let (_client, _upstream) = upgraded(&mut world).await;
    let mut other = world.client();
    other.says("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(world.upstream().await.head().await.starts_with("GET / "));
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_does_not_change_answers_as_ever() {
    let mut world = proxy("");
    let mut client = world.client();
    client.says(UPGRADE).await;
    let mut upstream = world.upstream().await;
    upstream.head().await;
    upstream
        .says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno")
        .await;
    client
        .hears("HTTP/1.1 200 OK\nContent-Length: 2\nVia: 1.1 caddis\n\nno")
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_change_that_nobody_asked_for_is_a_bad_gateway() {
    let other = SWITCH.replace("websocket", "other");
    for (request, answer) in [
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", SWITCH),
        (
            "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n",
            SWITCH,
        ),
        (UPGRADE, other.as_str()),
        (UPGRADE, "HTTP/1.1 101 Switching Protocols\r\n\r\n"),
    ] {
        let mut world = proxy("");
        let mut client = world.client();
        client.says(request).await;
        let mut upstream = world.upstream().await;
        upstream.head().await;
        upstream.says(answer).await;
        let head = client.head().await;
        assert!(head.starts_with("HTTP/1.1 502 "), "{head}");
        upstream.hears_the_end().await;
    }
}
