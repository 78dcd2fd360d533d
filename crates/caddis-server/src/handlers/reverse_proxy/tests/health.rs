//! Which upstreams are asked once they are busy, or unwell.

use std::time::Duration;

use super::world::{Peer, World, handlers};
use crate::Target;

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
const BAD: &str = "HTTP/1.1 500 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno";

fn world(settings: &str) -> World {
    let upstreams = r#""upstreams":[{"dial":"a:1","max_requests":1},{"dial":"b:2"}],
        "load_balancing":{"selection_policy":{"policy":"first"}}"#;
    let comma = if settings.is_empty() { "" } else { "," };
    World::new(&handlers(&format!(
        r#"{{"handler":"reverse_proxy",{upstreams}{comma}{settings}}}"#
    )))
}

fn host(target: &Target) -> &str {
    match target {
        Target::Tcp(host, _) => host,
        Target::Unix(_) => "",
    }
}

/// Answers the question that is next at an upstream.
async fn next(world: &mut World, answer: &str) -> (String, String) {
    let (target, mut upstream) = world.dialled().await;
    let head = upstream.head().await;
    upstream.says(answer).await;
    (host(&target).to_owned(), head)
}

async fn asked(world: &mut World) -> String {
    let mut client = world.client();
    client.says(GET).await;
    let (host, _) = next(world, GOOD).await;
    client.head().await;
    host
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_is_as_busy_as_it_may_be_is_not_asked() {
    let mut world = world("");
    let mut first = world.client();
    first.says(GET).await;
    let (target, mut upstream) = world.dialled().await;
    assert_eq!(host(&target), "a");
    upstream.head().await;
    assert_eq!(asked(&mut world).await, "b");
    // It is busy until the body of its answer has come to its end.
    upstream
        .says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no")
        .await;
    let head = first.head().await;
    assert_eq!(asked(&mut world).await, "b");
    upstream.says("k").await;
    assert_eq!(first.sized_body(&head).await, "ok");
    first.says(GET).await;
    assert!(
        upstream.head().await.starts_with("GET /"),
        "the first one is asked again"
    );
}

#[tokio::test(start_paused = true)]
async fn a_tunnel_keeps_an_upstream_busy() {
    let mut world = world("");
    let mut client: Peer = world.client();
    client
        .says("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
        .await;
    let (target, mut upstream) = world.dialled().await;
    assert_eq!(host(&target), "a");
    upstream.head().await;
    upstream
        .says("HTTP/1.1 101 Go\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
        .await;
    client.head().await;
    assert_eq!(asked(&mut world).await, "b");
    drop((client, upstream));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(asked(&mut world).await, "a");
}

#[tokio::test(start_paused = true)]
async fn checks_that_fail_often_enough_rule_an_upstream_out_until_enough_of_them_pass() {
    let mut world = world(
        r#""health_checks":{"active":{"uri":"/up","interval":"10s","fails":2,"passes":2,"upstream":"check:80"}}"#,
    );
    let mut check = async |answers: [&str; 2]| {
        let (host, head) = next(&mut world, answers[0]).await;
        assert_eq!(host, "check");
        assert_eq!(head, "GET /up HTTP/1.1\nHost: check:80\nUser-Agent: caddis");
        next(&mut world, answers[1]).await;
        // The answers are read.
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    check([BAD, BAD]).await;
    check([BAD, BAD]).await;
    check([GOOD, GOOD]).await;
    drop(check);
    let mut client = world.client();
    client.says(GET).await;
    assert!(client.head().await.starts_with("HTTP/1.1 503 "));
    for _ in 0..2 {
        next(&mut world, GOOD).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(asked(&mut world).await, "a");
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_does_not_answer_a_check_in_time_is_unwell() {
    let mut world = world(
        r#""health_checks":{"active":{"uri":"/","interval":"1h","timeout":"2s","upstream":"check:80"}}"#,
    );
    let silent = [world.dialled().await, world.dialled().await];
    assert_eq!(asked(&mut world).await, "a");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let mut client = world.client();
    client.says(GET).await;
    assert!(client.head().await.starts_with("HTTP/1.1 503 "));
    drop(silent);
}

#[tokio::test(start_paused = true)]
async fn checks_end_with_their_config() {
    let mut world =
        world(r#""health_checks":{"active":{"uri":"/","interval":"1s","upstream":"check:80"}}"#);
    next(&mut world, GOOD).await;
    next(&mut world, GOOD).await;
    world.ends_config();
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(world.has_dialled_no_more());
}
