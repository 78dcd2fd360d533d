//! `request_body` before the proxy: what is too large, and what the upstream sees of it.

use tokio::io::AsyncWriteExt;

use super::world::{World, handler, handlers};

fn limited(settings: &str) -> World {
    let limit = format!(r#"{{"handler":"request_body",{settings}}}"#);
    World::new(&handlers(&format!(
        "{limit},{}",
        handler("127.0.0.1:11434", "")
    )))
}

#[tokio::test(start_paused = true)]
async fn a_length_over_the_limit_is_refused_before_anyone_is_asked() {
    let mut world = limited(r#""max_size":5"#);
    let mut client = world.client();
    client
        .says("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n")
        .await;
    assert!(client.head().await.starts_with("HTTP/1.1 413 "));
    assert!(world.has_dialled_no_more());
}

/// Caddy says 502 here, as if it were the upstream's fault.
#[tokio::test(start_paused = true)]
async fn a_body_that_nobody_can_read_is_the_clients_fault() {
    for chunk in [
        "0x2\r\nhi\r\n0\r\n\r\n",
        "-2\r\nhi\r\n",
        "2\nhi\n0\n\n",
        "fffffffffffffffff\r\n",
    ] {
        let world = limited(r#""max_size":500"#);
        let mut client = world.client();
        client
            .says(&format!(
                "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}"
            ))
            .await;
        let head = client.head().await;
        assert!(
            head.starts_with("HTTP/1.1 400 Bad Request\n"),
            "{chunk:?}: {head}"
        );
        assert!(head.contains("\nConnection: close"), "{head}");
    }
}

#[tokio::test(start_paused = true)]
async fn chunks_over_the_limit_are_refused_and_the_upstream_sees_a_failed_request() {
    let mut world = limited(r#""max_size":5"#);
    let mut client = world.client();
    client
        .says("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n123\r\n")
        .await;
    let mut upstream = world.upstream().await;
    upstream.head().await;
    upstream.hears("3\n123\n").await;
    client.says("3\r\n456\r\n0\r\n\r\n").await;
    upstream.hears_the_end().await;
    assert!(client.head().await.starts_with("HTTP/1.1 413 "));
}

#[tokio::test(start_paused = true)]
async fn a_body_up_to_the_limit_passes() {
    let mut world = limited(r#""max_size":5"#);
    let mut client = world.client();
    for body in [
        "Content-Length: 5\r\n\r\n12345",
        "Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n",
    ] {
        client
            .says(&format!("POST / HTTP/1.1\r\nHost: a\r\n{body}"))
            .await;
        let mut upstream = world.upstream().await;
        upstream.head().await;
        upstream
            .hears(
                body.split_once("\r\n\r\n")
                    .unwrap()
                    .1
                    .replace("\r\n", "\n")
                    .as_str(),
            )
            .await;
        upstream
            .says("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
            .await;
        assert!(client.head().await.starts_with("HTTP/1.1 204 "));
    }
}

#[tokio::test(start_paused = true)]
async fn another_body_takes_the_clients_place() {
    let mut world = limited(r#""set":"from {http.request.host}""#);
    let mut client = world.client();
    client
        .says("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n")
        .await;
    let mut upstream = world.upstream().await;
    assert!(upstream.head().await.contains("\nContent-Length: 6\n"));
    upstream.hears("from a").await;
}

/// Go stops here too, if later: at 10 MB.
#[tokio::test(start_paused = true)]
async fn answers_before_the_answer_without_end_are_a_bad_gateway() {
    let mut world = limited(r#""max_size":5"#);
    let mut client = world.client();
    client.says("GET / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let mut upstream = world.upstream().await;
    upstream.head().await;
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".repeat(1000);
    let mut sent = 0;
    while upstream.stream.write_all(hints.as_bytes()).await.is_ok() {
        sent += hints.len();
        assert!(sent < 4 << 20);
    }
    let head = client.head().await;
    assert!(head.starts_with("HTTP/1.1 502 Bad Gateway\n"), "{head}");
}
