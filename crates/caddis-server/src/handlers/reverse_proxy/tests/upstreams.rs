//! Which upstream is asked, and what is said of the client.

use std::collections::HashSet;

use super::world::{Fails, World, handler, handlers, proxy};
use crate::Target;

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\nX-Up: 10.1.1.1:81\r\n\r\n";
const DONE: &str = "HTTP/1.1 204 No Content\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn a_placeholder_names_the_upstream_for_each_request() {
    let mut world = World::new(&handlers(&handler("{http.request.header.X-Up}", "")));
    let mut client = world.client();
    client.says(GET).await;
    let (target, mut upstream) = world.dialled().await;
    assert_eq!(target, Target::Tcp("10.1.1.1".into(), 81));
    upstream.head().await;
    upstream.says(DONE).await;
    client.head().await;
    client.says(GET).await;
    upstream.head().await;
    upstream.says(DONE).await;
    client.head().await;

    client.says(&GET.replace("81", "82")).await;
    let (target, mut upstream) = world.dialled().await;
    assert_eq!(target, Target::Tcp("10.1.1.1".into(), 82));
    upstream.says(DONE).await;
    client.head().await;

    client.says("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(client.head().await.starts_with("HTTP/1.1 502 "));
}

#[tokio::test(start_paused = true)]
async fn several_upstreams_are_asked_at_random() {
    let config = r#"{"handler":"reverse_proxy","upstreams":[{"dial":"a:1"},{"dial":"b:2"}]}"#;
    let mut world = World::new(&handlers(config));
    let mut asked = HashSet::new();
    // The chance that one of the two is never asked is 2 in 2 to the power of 64.
    for _ in 0..64 {
        let mut client = world.client();
        client.says(GET).await;
        let (target, mut upstream) = world.dialled().await;
        asked.insert(target);
        upstream
            .says(&DONE.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))
            .await;
        client.head().await;
    }
    assert_eq!(asked.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_proxy_without_upstreams_is_unavailable() {
    let world = World::new(&handlers(r#"{"handler":"reverse_proxy"}"#));
    let mut client = world.client();
    client.says(GET).await;
    assert!(client.head().await.starts_with("HTTP/1.1 503 "));
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_comes_back_is_asked_again() {
    let mut world = proxy("");
    world.dials(Fails::Refused);
    let mut client = world.client();
    client.says(GET).await;
    assert!(client.head().await.starts_with("HTTP/1.1 502 "));
    world.dials_work_again();
    client.says(GET).await;
    world.upstream().await.says(DONE).await;
    assert!(client.head().await.starts_with("HTTP/1.1 204 "));
}

#[tokio::test(start_paused = true)]
async fn a_client_without_address_is_forwarded_without_claims() {
    let mut world = proxy("");
    let mut client = world.local_client();
    client
        .says("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: b\r\n\r\n")
        .await;
    assert_eq!(
        world.upstream().await.head().await,
        "GET / HTTP/1.1\nHost: a\nVia: 1.1 caddis"
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_of_http_1_0_gets_its_answer_in_that_form() {
    let mut world = proxy("");
    let mut client = world.client();
    client.says("GET / HTTP/1.0\r\nHost: a\r\n\r\n").await;
    let mut upstream = world.upstream().await;
    let head = upstream.head().await;
    assert!(
        head.starts_with("GET / HTTP/1.1\n") && head.contains("\nVia: 1.0 caddis\n"),
        "{head}"
    );
    upstream
        .says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")
        .await;
    let head = client.head().await;
    assert!(head.starts_with("HTTP/1.0 200 OK"), "{head}");
    client.hears("hi").await;
    client.hears_the_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_client_of_http_1_0_may_keep_its_connection() {
    let mut world = proxy("");
    let mut client = world.client();
    for _ in 0..2 {
        client
            .says("GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n")
            .await;
        let mut upstream = world.upstream().await;
        upstream.head().await;
        upstream
            .says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi")
            .await;
        let head = client.head().await;
        assert!(head.contains("\nConnection: keep-alive"), "{head}");
        client.hears("hi").await;
    }
}

/// As in Caddy, whose transport does not wait for the upstream's word before it sends the body.
#[tokio::test(start_paused = true)]
async fn a_client_that_waits_to_continue_is_told_to() {
    let mut world = proxy("");
    let mut client = world.client();
    client
        .says("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
        .await;
    client.hears("HTTP/1.1 100 Continue\n\n").await;
    client.says("abc").await;
    let mut upstream = world.upstream().await;
    assert!(upstream.head().await.contains("\nExpect: 100-continue\n"));
    upstream.hears("abc").await;
    upstream
        .says(&format!("HTTP/1.1 100 Continue\r\n\r\n{DONE}"))
        .await;
    assert!(client.head().await.starts_with("HTTP/1.1 204 "));
}

#[tokio::test(start_paused = true)]
async fn early_hints_of_an_upstream_are_not_passed_on() {
    let mut world = proxy("");
    let mut client = world.client();
    client.says(GET).await;
    let mut upstream = world.upstream().await;
    upstream
        .says(&format!(
            "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n{DONE}"
        ))
        .await;
    assert!(client.head().await.starts_with("HTTP/1.1 204 "));
}
