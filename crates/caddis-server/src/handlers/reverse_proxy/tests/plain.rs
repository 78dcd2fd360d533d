//! Requests and answers of HTTP/1.1: heads, framing, streams, and what is cut off.

use tokio::io::AsyncWriteExt;

use super::world::{Fails, World, handler, handlers, proxy};

const GET: &str = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// What goes up for `GET` of a client at 10.0.0.9.
const GET_UP: &str = "GET / HTTP/1.1
Host: a
Via: 1.1 caddis
X-Forwarded-For: 10.0.0.9
X-Forwarded-Host: a
X-Forwarded-Proto: http";

#[tokio::test(start_paused = true)]
async fn a_request_goes_up_and_its_answer_comes_down() {
    let mut world = proxy("");
    let mut client = world.client();
    client.says(GET).await;
    let mut upstream = world.upstream().await;
    assert_eq!(upstream.head().await, GET_UP);
    upstream.says(OK).await;
    client
        .hears("HTTP/1.1 200 OK\nContent-Length: 2\nVia: 1.1 caddis\n\nok")
        .await;
}

/// Every field that Caddy 2.11.4 was seen to drop, keep or set.
#[tokio::test(start_paused = true)]
async fn fields_for_one_hop_stay_here_and_forged_ones_are_replaced() {
    let mut world = proxy("");
    let mut client = world.client();
    client
        .says(
            "GET /a%2Fb/../c?x=1&y=%20 HTTP/1.1\r\nHost: ex.test:99\r\nConnection: X-Me, keep-alive\r\n\
             X-Me: 1\r\nTE: trailers, deflate\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\n\
             X-Forwarded-Host: evil\r\nForwarded: for=1\r\nX-Real-IP: 9\r\nVia: 1.0 before\r\nx-lower: a\r\n\
             X-lower: b\r\nProxy-Connection: x\r\nProxy-Authorization: y\r\nKeep-Alive: 5\r\nCookie: a\r\n\r\n",
        )
        .await;
    let head = world.upstream().await.head().await;
    assert_eq!(
        head,
        "GET /a%2Fb/../c?x=1&y=%20 HTTP/1.1
Cookie: a
Forwarded: for=1
Host: ex.test:99
Te: trailers
Via: 1.0 before
Via: 1.1 caddis
X-Forwarded-For: 10.0.0.9
X-Forwarded-Host: ex.test:99
X-Forwarded-Proto: http
X-Lower: a
X-Lower: b
X-Real-Ip: 9"
    );
}

/// What Caddy 2.11.4 was seen to send for each target.
#[tokio::test(start_paused = true)]
async fn a_target_goes_up_as_the_client_wrote_it_or_escaped_as_go_does() {
    for (target, sent) in [
        ("/a%2Fb/../c", "/a%2Fb/../c"),
        ("//x/./y/../z%2e%41", "//x/./y/../z%2e%41"),
        ("/a?", "/a?"),
        ("/x;y?a;b&c=%zz", "/x;y?a;b&c=%zz"),
        ("http://a/abs?x", "/abs?x"),
        ("/a%2Fb\"{}|", "/a/b%22%7B%7D%7C"),
    ] {
        let mut world = proxy("");
        let mut client = world.client();
        client
            .says(&format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n"))
            .await;
        let head = world.upstream().await.head().await;
        assert_eq!(
            head.lines().next(),
            Some(format!("GET {sent} HTTP/1.1").as_str())
        );
    }
}

#[tokio::test(start_paused = true)]
async fn connection_cannot_name_the_fields_that_the_proxy_sets() {
    let mut world = proxy("");
    let mut client = world.client();
    client
        .says("GET / HTTP/1.1\r\nHost: a\r\nConnection: X-Forwarded-For, Via, X-Forwarded-Proto, Host\r\n\r\n")
        .await;
    assert!(
        world
            .upstream()
            .await
            .head()
            .await
            .contains("X-Forwarded-For: 10.0.0.9\n")
    );
}

#[tokio::test(start_paused = true)]
async fn a_trusted_proxy_is_believed_and_added_to_the_chain() {
    let mut world = proxy(r#""trusted_proxies":["10.0.0.0/8"]"#);
    let mut client = world.client();
    client
        .says("GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 1.2.3.4, 5.6.7.8\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: orig\r\n\r\n")
        .await;
    assert_eq!(
        world.upstream().await.head().await,
        "GET / HTTP/1.1
Host: a
Via: 1.1 caddis
X-Forwarded-For: 1.2.3.4, 5.6.7.8, 10.0.0.9
X-Forwarded-Host: orig
X-Forwarded-Proto: https"
    );
}

#[tokio::test(start_paused = true)]
async fn a_client_over_tls_is_forwarded_as_https() {
    let mut world = proxy("");
    let mut client = world.tls_client();
    client.says(GET).await;
    let head = world.upstream().await.head().await;
    assert!(head.ends_with("X-Forwarded-Proto: https"), "{head}");
}

#[tokio::test(start_paused = true)]
async fn bodies_are_framed_anew_by_length_or_in_chunks() {
    let mut world = proxy("");
    let mut client = world.client();
    client
        .says("POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc")
        .await;
    let mut upstream = world.upstream().await;
    assert!(upstream.head().await.contains("\nContent-Length: 3\n"));
    upstream.hears("abc").await;
    upstream.says(OK).await;
    client.head().await;
    client.hears("ok").await;

    client
        .says(
            "GET /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        )
        .await;
    let head = upstream.head().await;
    assert!(head.contains("\nTransfer-Encoding: chunked\n"), "{head}");
    assert!(!head.contains("Content-Length"), "{head}");
    upstream.hears("3\nabc\n0\n\n").await;
}

/// As Go has it: a server might wait for the body of a POST.
#[tokio::test(start_paused = true)]
async fn a_length_of_nothing_goes_up_for_methods_that_have_bodies() {
    for (method, sent) in [
        ("GET", false),
        ("DELETE", false),
        ("POST", true),
        ("PUT", true),
    ] {
        let mut world = proxy("");
        let request = format!("{method} / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
        let mut client = world.client();
        client.says(&request).await;
        let head = world.upstream().await.head().await;
        assert_eq!(head.contains("Content-Length: 0"), sent, "{head}");
    }
}

#[tokio::test(start_paused = true)]
async fn tokens_reach_the_client_as_they_are_made() {
    let mut world = proxy("");
    let mut client = world.client();
    client.says(GET).await;
    let mut upstream = world.upstream().await;
    upstream
        .says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    assert!(client.head().await.contains("Transfer-Encoding: chunked"));
    for token in ["{\"response\":\"a\"}", "{\"response\":\"b\"}"] {
        let size = format!("{:X}", token.len());
        upstream.says(&format!("{size}\r\n{token}\r\n")).await;
        client.hears(&format!("{size}\n{token}\n")).await;
    }
    upstream.says("0\r\n\r\n").await;
    client.hears("0\n\n").await;
}

#[tokio::test(start_paused = true)]
async fn a_body_goes_up_while_the_client_still_sends_it() {
    let mut world = proxy("");
    let mut client = world.client();
    client
        .says("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        .await;
    let mut upstream = world.upstream().await;
    upstream.head().await;
    for piece in ["1\r\na\r\n", "1\r\nb\r\n", "0\r\n\r\n"] {
        client.says(piece).await;
        upstream.hears(&piece.replace("\r\n", "\n")).await;
    }
}

#[tokio::test(start_paused = true)]
async fn trailers_pass_both_ways() {
    let mut world = proxy("");
    let mut client = world.client();
    client
        .says(
            "POST / HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nTransfer-Encoding: chunked\r\nTrailer: X-Up\r\n\r\n\
             1\r\na\r\n0\r\nX-Up: 1\r\n\r\n",
        )
        .await;
    let mut upstream = world.upstream().await;
    assert!(upstream.head().await.contains("\nTrailer: X-Up\n"));
    upstream.hears("1\na\n0\nX-Up: 1\n\n").await;
    upstream
        .says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Down\r\n\r\n1\r\nb\r\n0\r\nX-Down: 2\r\n\r\n")
        .await;
    assert!(client.head().await.contains("\nTrailer: X-Down\n"));
    client.hears("1\nb\n0\nX-Down: 2\n\n").await;
}

#[tokio::test(start_paused = true)]
async fn the_answers_fields_for_one_hop_stay_here() {
    let mut world = proxy("");
    let mut client = world.client();
    client.says(GET).await;
    world
        .upstream()
        .await
        .says(
            "HTTP/1.1 200 OK\r\nServer: up\r\nVia: 1.0 foo\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n\
             Proxy-Authenticate: Basic\r\nUpgrade: h3\r\nAlt-Svc: h3=\":1\"\r\nTrailer: Q\r\nContent-Length: 2\r\n\r\nok",
        )
        .await;
    assert_eq!(
        client.head().await,
        "HTTP/1.1 200 OK\nContent-Length: 2\nServer: up\nVia: 1.0 foo\nVia: 1.1 caddis"
    );
    client.hears("ok").await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_ends_with_its_connection_is_complete() {
    let mut world = proxy("");
    let mut client = world.client();
    client.says(GET).await;
    let mut upstream = world.upstream().await;
    upstream.says("HTTP/1.0 200 OK\r\n\r\nhi").await;
    drop(upstream);
    assert_eq!(
        client.head().await,
        "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\nVia: 1.0 caddis"
    );
    client.hears("2\nhi\n0\n\n").await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_cut_off_never_looks_complete() {
    for (answer, heard) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi", "hi"),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n",
            "2\nhi\n",
        ),
    ] {
        let mut world = proxy("");
        let mut client = world.client();
        client.says(GET).await;
        let mut upstream = world.upstream().await;
        upstream.says(answer).await;
        client.head().await;
        client.hears(heard).await;
        drop(upstream);
        client.hears_the_end().await;
    }
}

#[tokio::test(start_paused = true)]
async fn head_and_answers_without_body_keep_their_fields() {
    let mut world = proxy("");
    let mut client = world.client();
    client.says("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n").await;
    let mut upstream = world.upstream().await;
    upstream.head().await;
    upstream
        .says("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")
        .await;
    assert!(client.head().await.contains("Content-Length: 99"));
    client.says(GET).await;
    upstream.head().await;
    upstream.says("HTTP/1.1 204 No Content\r\n\r\n").await;
    assert_eq!(
        client.head().await,
        "HTTP/1.1 204 No Content\nVia: 1.1 caddis"
    );
    assert!(world.has_dialled_no_more());
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_cancels_the_request_upstream() {
    let mut world = proxy("");
    let mut waiting = world.client();
    waiting.says(GET).await;
    let mut upstream = world.upstream().await;
    upstream.head().await;
    drop(waiting);
    upstream.hears_the_end().await;

    let mut reading = world.client();
    reading.says(GET).await;
    let mut upstream = world.upstream().await;
    upstream.head().await;
    upstream
        .says("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        .await;
    reading.head().await;
    drop(reading);
    upstream.hears_the_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_body_that_breaks_off_is_no_request_for_the_upstream() {
    let mut world = proxy("");
    let mut client = world.client();
    client
        .says("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
        .await;
    let mut upstream = world.upstream().await;
    upstream.head().await;
    upstream.hears("1\na\n").await;
    drop(client);
    upstream.hears_the_end().await;
}

#[tokio::test(start_paused = true)]
async fn noted_fields_go_out_with_the_answer_and_our_name_does_not() {
    let config = handlers(&handler("127.0.0.1:11434", ""));
    let mut world = World::new(&config);
    let mut client = world.client();
    client.says(GET).await;
    world
        .upstream()
        .await
        .says("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
        .await;
    assert_eq!(
        client.head().await,
        "HTTP/1.1 404 Not Found\nContent-Length: 0\nVia: 1.1 caddis"
    );
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_refuses_or_garbles_is_a_bad_gateway() {
    let world = proxy("");
    world.dials(Fails::Refused);
    let mut client = world.client();
    client.says(GET).await;
    assert_eq!(
        client.head().await,
        "HTTP/1.1 502 Bad Gateway\nContent-Length: 0\nServer: caddis"
    );
    for garbage in ["HELLO\r\n\r\n", ""] {
        let mut world = proxy("");
        let mut client = world.client();
        client.says(GET).await;
        let mut upstream = world.upstream().await;
        upstream.head().await;
        upstream.says(garbage).await;
        drop(upstream);
        assert!(client.head().await.starts_with("HTTP/1.1 502 "));
    }
}

/// hyper's limits, which are far from what servers send.
#[tokio::test(start_paused = true)]
async fn an_answer_with_too_large_a_header_is_a_bad_gateway() {
    let fields = |count: usize| "X: y\r\n".repeat(count);
    let wide = format!("X: {}\r\n", "y".repeat(500_000));
    for (fields, status) in [(fields(99), "200"), (fields(100), "502"), (wide, "502")] {
        let mut world = proxy("");
        let mut client = world.client();
        client.says(GET).await;
        let mut upstream = world.upstream().await;
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n{fields}\r\n");
        tokio::spawn(async move { upstream.stream.write_all(answer.as_bytes()).await });
        let head = client.head().await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
    }
}
