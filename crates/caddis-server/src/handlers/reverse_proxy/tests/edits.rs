//! `header_up` and `header_down`, compared with Caddy 2.11.4 rule by rule.

use super::world::{World, handler, handlers, proxy};

const GET: &str =
    "GET / HTTP/1.1\r\nHost: a\r\nX-Add: one\r\nX-Rep: aXa\r\nX-Delta: 1\r\nX-Asked: 7\r\n\r\n";

#[tokio::test(start_paused = true)]
async fn the_request_is_edited_on_its_way_up() {
    let mut world = proxy(
        r#""headers":{"request":{
            "add":{"X-Add":["two"]},
            "set":{
                "Host":["{http.reverse_proxy.upstream.hostport}"],
                "X-Up":["{http.reverse_proxy.upstream.address} {http.reverse_proxy.upstream.host} {http.reverse_proxy.upstream.port} {http.reverse_proxy.duration}"],
                "X-Forwarded-For":["{http.request.header.X-Asked} {http.request.header.X-Add} {http.request.host}"]},
            "delete":["X-Del*","Via"],
            "replace":{"X-Rep":[{"search_regexp":"a","replace":"b"}]}}}"#,
    );
    let mut client = world.client();
    client.says(GET).await;
    assert_eq!(
        world.upstream().await.head().await,
        "GET / HTTP/1.1
Host: 127.0.0.1:11434
X-Add: one
X-Add: two
X-Asked: 7
X-Forwarded-For: 7 one a
X-Forwarded-Host: a
X-Forwarded-Proto: http
X-Rep: bXb
X-Up: tcp/127.0.0.1:11434 127.0.0.1 11434 {http.reverse_proxy.duration}"
    );
}

/// The body's framing is not the config's to say, and a request needs a host.
#[tokio::test(start_paused = true)]
async fn edits_break_neither_framing_nor_host() {
    let mut world = proxy(
        r#""headers":{"request":{"set":{"Content-Length":["77"],"Transfer-Encoding":["chunked"]},"delete":["Host"]}}"#,
    );
    let mut client = world.client();
    client
        .says("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi")
        .await;
    let mut upstream = world.upstream().await;
    assert_eq!(
        upstream.head().await,
        "POST / HTTP/1.1
Content-Length: 2
Host: 127.0.0.1:11434
Via: 1.1 caddis
X-Forwarded-For: 10.0.0.9
X-Forwarded-Host: a
X-Forwarded-Proto: http"
    );
    upstream.hears("hi").await;
}

#[tokio::test(start_paused = true)]
async fn the_answer_is_edited_on_its_way_down() {
    let mut world = proxy(
        r#""headers":{"response":{
            "set":{"X-Down":["{http.reverse_proxy.status_code} {http.reverse_proxy.status_text} {http.request.header.X-Asked}"]},
            "delete":["Server","Via"],
            "replace":{"Location":[{"search_regexp":"http://(.*)","replace":"https://$1"}]}}}"#,
    );
    let mut client = world.client();
    client.says(GET).await;
    world
        .upstream()
        .await
        .says(
            "HTTP/1.1 302 Found\r\nServer: up\r\nLocation: http://b/\r\nContent-Length: 0\r\n\r\n",
        )
        .await;
    assert_eq!(
        client.head().await,
        "HTTP/1.1 302 Found
Content-Length: 0
Location: https://b/
Via: 1.1 caddis
X-Down: 302 302 Found 7"
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_as_required_stays_as_it_is() {
    let mut world =
        proxy(r#""headers":{"response":{"set":{"X-Bad":["1"]},"require":{"status_code":[5]}}}"#);
    let mut client = world.client();
    for (status, edited) in [("200 OK", false), ("503 Service Unavailable", true)] {
        client.says(GET).await;
        let mut upstream = world.upstream().await;
        upstream
            .says(&format!(
                "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
            ))
            .await;
        assert_eq!(client.head().await.contains("X-Bad: 1"), edited);
    }
}

/// As Caddy has it: fields that handlers noted stand beside the upstream's, and `Server` is never ours.
#[tokio::test(start_paused = true)]
async fn noted_fields_go_out_with_the_answer() {
    let site = r#"{"handler":"headers","response":{"set":{"X-Site":["one"],"Server":["mine"]}}}"#;
    let mut world = World::new(&handlers(&format!(
        "{site},{}",
        handler("127.0.0.1:11434", "")
    )));
    let mut client = world.client();
    client.says(GET).await;
    let mut upstream = world.upstream().await;
    upstream
        .says("HTTP/1.1 200 OK\r\nX-Site: two\r\nContent-Length: 0\r\n\r\n")
        .await;
    assert_eq!(
        client.head().await,
        "HTTP/1.1 200 OK\nContent-Length: 0\nVia: 1.1 caddis\nX-Site: one\nX-Site: two"
    );
    drop(upstream);
    world.dials(super::world::Fails::Refused);
    client.says(GET).await;
    assert_eq!(
        client.head().await,
        "HTTP/1.1 502 Bad Gateway\nContent-Length: 0\nServer: mine\nX-Site: one"
    );
}

#[tokio::test(start_paused = true)]
async fn the_time_to_the_answer_is_known_on_its_way_down() {
    let mut world = proxy(
        r#""headers":{"response":{"set":{"X-Took":["{http.reverse_proxy.upstream.latency_ms} {http.reverse_proxy.upstream.latency}"]}}}"#,
    );
    let mut client = world.client();
    client.says(GET).await;
    let mut upstream = world.upstream().await;
    upstream
        .says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        .await;
    let head = client.head().await;
    let took = head.lines().find_map(|line| line.strip_prefix("X-Took: "));
    let (milliseconds, text) = took.and_then(|took| took.split_once(' ')).unwrap();
    assert!(milliseconds.parse::<f64>().unwrap() > 0.0, "{head}");
    assert!(text.ends_with('s'), "{head}");
}
