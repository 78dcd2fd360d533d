//! What is said in the log of an Ollama that refuses.

use std::time::Duration;

use super::world::{Peer, World, handler, handlers, proxy};
use crate::testing::{Log, logging_to};

const GET: &str = "GET / HTTP/1.1\r\nHost: ai.example.com\r\n\r\n";
const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno";
const ADVICE: &str = "write `header_up Host {upstream_hostport}`";

/// Asks, has the upstream refuse, and looks whether the client gets to see that.
async fn refuse(client: &mut Peer, upstream: &mut Peer) {
    client.says(GET).await;
    upstream.head().await;
    upstream.says(FORBIDDEN).await;
    client
        .hears("HTTP/1.1 403 Forbidden\nContent-Length: 2\nVia: 1.1 caddis\n\nno")
        .await;
}

#[tokio::test(start_paused = true)]
async fn a_refused_host_is_explained_once_a_minute_and_the_answer_passes_unchanged() {
    let log = Log::default();
    let _logging = logging_to(&log);
    let mut world = proxy("");
    let mut client = world.client();
    client.says(GET).await;
    let mut upstream = world.upstream().await;
    upstream.head().await;
    upstream.says(FORBIDDEN).await;
    client
        .hears("HTTP/1.1 403 Forbidden\nContent-Length: 2\nVia: 1.1 caddis\n\nno")
        .await;
    refuse(&mut client, &mut upstream).await;
    let text = log.text();
    assert_eq!(text.matches(ADVICE).count(), 1, "{text}");
    assert!(
        text.contains("127.0.0.1:11434") && text.contains("ai.example.com"),
        "{text}"
    );
    tokio::time::advance(Duration::from_secs(61)).await;
    refuse(&mut client, &mut upstream).await;
    assert_eq!(log.text().matches(ADVICE).count(), 2, "{}", log.text());
}

#[tokio::test(start_paused = true)]
async fn refusals_of_other_upstreams_and_to_the_upstreams_own_name_are_not_explained() {
    let log = Log::default();
    let _logging = logging_to(&log);
    let own =
        r#""headers":{"request":{"set":{"Host":["{http.reverse_proxy.upstream.hostport}"]}}}"#;
    let worlds = [
        proxy(own),
        World::new(&handlers(&handler("127.0.0.1:8080", ""))),
    ];
    for mut world in worlds {
        let mut client = world.client();
        client.says(GET).await;
        let mut upstream = world.upstream().await;
        upstream.head().await;
        upstream.says(FORBIDDEN).await;
        client
            .hears("HTTP/1.1 403 Forbidden\nContent-Length: 2\nVia: 1.1 caddis\n\nno")
            .await;
    }
    assert!(!log.text().contains(ADVICE), "{}", log.text());
}
