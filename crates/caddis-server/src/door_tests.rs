//! Tests of the door; the statuses are those of Caddy 2.11.4 unless a test says otherwise.

use caddis_ir::StaticResponse;
use http::{Method, Version};

use crate::testing::{Answered, request, serve};
use crate::{Body, Request};

/// A request of HTTP/1.1 without any fields.
fn bare(method: &str, target: &str) -> Request {
    let mut request = Request::new(Body::Empty);
    *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
    *request.uri_mut() = target.parse().unwrap();
    request
}

async fn ask(mut request: Request, fields: &[(&str, &str)]) -> Answered {
    for (name, value) in fields {
        let name: http::HeaderName = name.parse().unwrap();
        let value = http::HeaderValue::from_bytes(value.as_bytes()).unwrap();
        request.headers_mut().append(name, value);
    }
    let body = "{http.request.method} {http.request.hostport} {http.request.uri}";
    let server = serve(StaticResponse::default().body(body));
    server.ask(request).await.expect("an answer")
}

async fn outcome(request: Request, fields: &[(&str, &str)]) -> String {
    let answer = ask(request, fields).await;
    match answer.status.as_u16() {
        200 => answer.text().to_owned(),
        status if answer.field("connection") == ["close"] => format!("{status} close"),
        status => status.to_string(),
    }
}

async fn with_host(host: &str) -> String {
    outcome(bare("GET", "/"), &[("host", host)]).await
}

#[tokio::test]
async fn a_request_has_exactly_one_host() {
    assert_eq!(with_host("a.test:99").await, "GET a.test:99 /");
    assert_eq!(outcome(bare("GET", "/"), &[]).await, "400 close");
    assert_eq!(
        outcome(bare("GET", "/"), &[("host", "a"), ("host", "b")]).await,
        "400 close"
    );
    assert_eq!(
        outcome(bare("GET", "/"), &[("host", "a"), ("host", "a")]).await,
        "400 close"
    );
    assert_eq!(with_host("").await, "400");
}

#[tokio::test]
async fn a_host_has_only_letters_that_a_host_can_have() {
    for host in [
        "a b", "a@b", "a/b", "ü", "a\"b", "a<b", "a?b", "a\\b", "a#b",
    ] {
        assert_eq!(with_host(host).await, "400 close", "{host}");
    }
    for host in ["a,b", "a%41b", "a:x", "[::1", "[::1]:80", "a.test."] {
        assert_eq!(with_host(host).await, format!("GET {host} /"));
    }
}

#[tokio::test]
async fn http_1_0_needs_no_host_and_takes_no_two() {
    let mut request = bare("GET", "/");
    *request.version_mut() = Version::HTTP_10;
    assert_eq!(outcome(request, &[]).await, "GET  /");
    let mut request = bare("GET", "/");
    *request.version_mut() = Version::HTTP_10;
    assert_eq!(
        outcome(request, &[("host", "a"), ("host", "b")]).await,
        "400 close"
    );
}

#[tokio::test]
async fn the_host_of_a_whole_target_counts_more_than_the_field() {
    let host = [("host", "a")];
    for (target, expected) in [
        ("http://x.test/p?q", "GET x.test /p?q"),
        ("https://x.test:8/p?q", "GET x.test:8 /p?q"),
        ("http://x.test", "GET x.test /"),
        ("http://u:p@x.test/", "GET x.test /"),
    ] {
        assert_eq!(outcome(bare("GET", target), &host).await, expected);
    }
    assert_eq!(
        outcome(bare("GET", "http://x.test/p"), &[]).await,
        "400 close"
    );
    assert_eq!(outcome(bare("GET", "x.test"), &host).await, "400 close");
}

#[tokio::test]
async fn two_different_hosts_of_an_http_2_request_are_refused() {
    let http2 = |fields: &'static [(&'static str, &'static str)]| async move {
        let mut request = bare("GET", "https://x.test/p");
        *request.version_mut() = Version::HTTP_2;
        outcome(request, fields).await
    };
    assert_eq!(http2(&[]).await, "GET x.test /p");
    assert_eq!(http2(&[("host", "x.test")]).await, "GET x.test /p");
    // Go takes `:authority` here; two answers to one question are refused instead.
    assert_eq!(http2(&[("host", "y.test")]).await, "400");
}

#[tokio::test]
async fn a_target_is_sent_on_as_go_escapes_it() {
    let host = [("host", "a")];
    for (target, expected) in [
        ("/%zz", "400 close"),
        ("/%4", "400 close"),
        ("/?%zz", "GET a /?%zz"),
        ("/%00", "GET a /%00"),
        ("/a%2Fb", "GET a /a%2Fb"),
        ("/a\"b^|\\{}", "GET a /a%22b%5E%7C%5C%7B%7D"),
        ("/a%2Fb\"c", "GET a /a/b%22c"),
        ("/ä?ä", "GET a /%C3%A4?ä"),
        ("//x.test/p", "GET a //x.test/p"),
        ("/!$&'()*+,;=:@[]-_.~", "GET a /!$&'()*+,;=:@[]-_.~"),
    ] {
        assert_eq!(
            outcome(bare("GET", target), &host).await,
            expected,
            "{target}"
        );
    }
}

#[tokio::test]
async fn options_of_everything_are_answered_with_nothing() {
    let answer = ask(bare("OPTIONS", "*"), &[("host", "a")]).await;
    assert_eq!((answer.status.as_u16(), answer.text()), (200, ""));
    assert_eq!(answer.field("server"), [""; 0]);
}

#[tokio::test]
async fn a_method_has_at_most_thirty_two_letters() {
    let host = [("host", "a")];
    assert_eq!(outcome(bare(&"A".repeat(33), "/"), &host).await, "405");
    assert_eq!(outcome(bare("G!#T", "/"), &host).await, "G!#T a /");
    assert_eq!(outcome(bare("get", "/"), &host).await, "get a /");
}

/// Caddy hands `CONNECT` to its handlers; none that caddis has could make a tunnel of it.
#[tokio::test]
async fn no_tunnels_are_made() {
    let host = [("host", "x.test:443")];
    assert_eq!(
        outcome(bare("CONNECT", "x.test:443"), &host).await,
        "405 close"
    );
}

#[tokio::test]
async fn only_chunked_is_taken_as_a_transfer_encoding() {
    for encoding in [
        "identity",
        "gzip, chunked",
        "chunked, chunked",
        "xchunked",
        "",
    ] {
        let fields = [("host", "a"), ("transfer-encoding", encoding)];
        assert_eq!(
            outcome(bare("POST", "/"), &fields).await,
            "501 close",
            "{encoding}"
        );
    }
    let fields = [("host", "a"), ("transfer-encoding", "Chunked")];
    assert_eq!(outcome(bare("POST", "/"), &fields).await, "POST a /");
    let twice = [fields[0], fields[1], fields[1]];
    assert_eq!(outcome(bare("POST", "/"), &twice).await, "501 close");
}

/// Caddy drops the length of a chunked request, and reads chunks of HTTP/1.0: other servers do not.
#[tokio::test]
async fn an_end_that_is_told_in_two_ways_is_refused() {
    let both = [
        ("host", "a"),
        ("transfer-encoding", "chunked"),
        ("content-length", "5"),
    ];
    assert_eq!(outcome(bare("POST", "/"), &both).await, "400 close");
    let mut request = bare("POST", "/");
    *request.version_mut() = Version::HTTP_10;
    assert_eq!(outcome(request, &both[..2]).await, "400 close");
    for lengths in [
        ["1", "2"],
        ["+1", "+1"],
        ["1, 1", "1, 1"],
        ["", ""],
        ["-1", "-1"],
    ] {
        let fields = [
            ("host", "a"),
            ("content-length", lengths[0]),
            ("content-length", lengths[1]),
        ];
        assert_eq!(
            outcome(bare("POST", "/"), &fields).await,
            "400 close",
            "{lengths:?}"
        );
    }
}

#[tokio::test]
async fn only_a_continue_can_be_expected() {
    let fields = [("host", "a"), ("expect", "the-moon")];
    assert_eq!(outcome(bare("POST", "/"), &fields).await, "417 close");
    let fields = [("host", "a"), ("expect", "100-Continue")];
    assert_eq!(outcome(bare("POST", "/"), &fields).await, "POST a /");
}

/// Caddy 2.11.4 drops names with `_`; those with `.` it drops since then.
#[tokio::test]
async fn names_that_an_application_could_mix_up_are_dropped() {
    let fields = [
        ("x_forwarded_for", "1"),
        ("remote_user", "2"),
        ("remote.user", "3"),
        ("x-real", "4"),
    ];
    let names = ["X_Forwarded_For", "Remote_User", "Remote.User", "X-Real"];
    let body = names
        .map(|name| format!("[{{http.request.header.{name}}}]"))
        .concat();
    let server = serve(StaticResponse::default().body(body));
    let answer = server.get_with("/", &fields).await;
    assert_eq!(answer.text(), "[][][][4]");
}

#[tokio::test]
async fn what_is_settled_already_is_left_as_it_is() {
    let answer = serve(StaticResponse::default().body("{http.request.uri}"));
    let answer = answer.ask(request("/a/../b%2e?x=%20")).await.unwrap();
    assert_eq!(answer.text(), "/a/../b%2e?x=%20");
}

#[tokio::test]
async fn a_star_is_for_options_alone() {
    let starred = |method| {
        let mut request = bare(method, "/");
        *request.uri_mut() = "*".parse().unwrap();
        request
    };
    // Caddy passes it on.
    let host = [("host", "a.test")];
    assert_eq!(outcome(starred("GET"), &host).await, "400 close");
    assert_eq!(ask(starred("OPTIONS"), &host).await.status, 200);
}

#[tokio::test]
async fn a_login_has_no_place_before_the_host_in_http_2() {
    let mut request = bare("GET", "https://a:b@a.test/");
    *request.version_mut() = Version::HTTP_2;
    assert_eq!(outcome(request, &[]).await, "400");
    let request = bare("GET", "http://a:b@a.test/");
    assert_eq!(
        outcome(request, &[("host", "a.test")]).await,
        "GET a.test /"
    );
}

#[tokio::test]
async fn fields_that_connection_names_are_gone_before_the_first_handler() {
    let body = "{http.request.header.X-A}{http.request.header.X-B} {http.request.header.Connection} {http.request.host}";
    let seen = async |connections: &[&'static str]| {
        let mut request = bare("GET", "/");
        let fields = [("host", "a.test"), ("x-a", "a"), ("x-b", "b")];
        for (name, value) in fields {
            let value = http::HeaderValue::from_static(value);
            request.headers_mut().insert(name, value);
        }
        for value in connections {
            let value = http::HeaderValue::from_static(value);
            request.headers_mut().append("connection", value);
        }
        let server = serve(StaticResponse::default().body(body));
        let answer = server.ask(request).await.expect("an answer");
        answer.text().to_owned()
    };
    assert_eq!(seen(&[]).await, "ab  a.test");
    assert_eq!(seen(&["keep-alive"]).await, "ab keep-alive a.test");
    assert_eq!(seen(&["x-a"]).await, "b  a.test");
    assert_eq!(seen(&["Upgrade, X-A ,, Host"]).await, "b Upgrade a.test");
    assert_eq!(seen(&["close", "X-B, @"]).await, "a close a.test");
}
