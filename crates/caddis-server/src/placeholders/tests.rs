//! Tests of placeholders through a server in memory.

use caddis_ir::StaticResponse;
use serde_json::json;

use crate::testing::{errors_of, serve, serve_routes};

async fn filled(text: &str) -> String {
    filled_with(text, "/b%20c/d%2Fe/f.tar.gz?a=1&b=%20x&a=2", &[]).await
}

async fn filled_with(text: &str, path: &str, fields: &[(&str, &str)]) -> String {
    let handler = StaticResponse::default().body(format!("[{text}]"));
    let answer = serve(handler).get_with(path, fields).await;
    answer.text().to_owned()
}

/// Recorded from Caddy 2.11.4.
#[tokio::test]
async fn placeholders_of_the_target_are_filled_as_in_caddy() {
    let cases = [
        ("uri", "/b%20c/d%2Fe/f.tar.gz?a=1&b=%20x&a=2"),
        (
            "uri_escaped",
            "%2Fb%2520c%2Fd%252Fe%2Ff.tar.gz%3Fa%3D1%26b%3D%2520x%26a%3D2",
        ),
        ("uri.path", "/b c/d/e/f.tar.gz"),
        ("uri.path_escaped", "%2Fb+c%2Fd%2Fe%2Ff.tar.gz"),
        ("uri.path.file", "f.tar.gz"),
        ("uri.path.file.base", "f.tar"),
        ("uri.path.file.ext", ".gz"),
        ("uri.path.dir", "/b c/d/e/"),
        ("uri.path.0", "b c"),
        ("uri.path.1", "d"),
        ("uri.path.9", ""),
        ("uri.path.x", "{http.request.uri.path.x}"),
        ("uri.path.-1", "{http.request.uri.path.-1}"),
        ("uri.query", "a=1&b=%20x&a=2"),
        ("uri.query_escaped", "a%3D1%26b%3D%2520x%26a%3D2"),
        ("uri.prefixed_query", "?a=1&b=%20x&a=2"),
        ("uri.query.a", "1,2"),
        ("uri.query.zz", ""),
        ("orig_uri", "/b%20c/d%2Fe/f.tar.gz?a=1&b=%20x&a=2"),
        ("orig_uri.path.0", "b c"),
        ("orig_uri.query.a", "{http.request.orig_uri.query.a}"),
        ("orig_uri_escaped", "{http.request.orig_uri_escaped}"),
    ];
    for (name, expected) in cases {
        let found = filled(&format!("{{http.request.{name}}}")).await;
        assert_eq!(found, format!("[{expected}]"), "{name}");
    }
}

#[tokio::test]
async fn placeholders_of_the_head_are_filled_as_in_caddy() {
    let fields = [
        ("host", "Sub.a.test:99"),
        ("x-a", "one"),
        ("x-a", "two"),
        ("cookie", "c=\"v 1\"; d=2"),
    ];
    let cases = [
        ("method", "GET"),
        ("orig_method", "GET"),
        ("scheme", "http"),
        ("proto", "HTTP/1.1"),
        ("host", "Sub.a.test"),
        ("port", "99"),
        ("hostport", "Sub.a.test:99"),
        ("host.labels.0", "test"),
        ("host.labels.1", "a"),
        ("host.labels.9", ""),
        ("host.labels.x", "{http.request.host.labels.x}"),
        ("header.X-A", "one,two"),
        ("header.x-a", "one,two"),
        ("header.Host", ""),
        ("header.Nope", ""),
        ("cookie.c", "v 1"),
        ("cookie.C", "v 1"),
        ("cookie.nope", "{http.request.cookie.nope}"),
        ("remote", "192.0.2.1:40000"),
        ("remote.host", "192.0.2.1"),
        ("remote.port", "40000"),
        ("local", "192.0.2.80:8080"),
        ("local.port", "8080"),
        ("tls.version", "{http.request.tls.version}"),
        ("nope", "{http.request.nope}"),
    ];
    for (name, expected) in cases {
        let found = filled_with(&format!("{{http.request.{name}}}"), "/", &fields).await;
        assert_eq!(found, format!("[{expected}]"), "{name}");
    }
}

#[tokio::test]
async fn an_ipv6_host_is_filled_without_its_brackets() {
    let text = "{http.request.host} {http.request.port} {http.request.hostport}";
    let found = filled_with(text, "/", &[("host", "[::1]:99")]).await;
    assert_eq!(found, "[::1 99 [::1]:99]");
}

#[tokio::test]
async fn variables_and_what_nobody_has_noted_are_filled_as_in_caddy() {
    let cases = [
        ("{http.vars.nope}", "[]"),
        ("{http.vars.client_ip}", "[192.0.2.1]"),
        ("{http.vars.trusted_proxy}", "[false]"),
        ("{http.regexp.x.1}", "[{http.regexp.x.1}]"),
        ("{http.error.status_code}", "[{http.error.status_code}]"),
        ("{http.auth.user.id}", "[{http.auth.user.id}]"),
        ("{http.response.header.X}", "[]"),
        ("{http.shutting_down}", "[false]"),
        ("{http.time_until_shutdown}", "[]"),
        ("{system.slash}", "[/]"),
        ("{env.NOPE}", "[]"),
        ("{nope}", "[{nope}]"),
    ];
    for (text, expected) in cases {
        assert_eq!(filled(text).await, expected, "{text}");
    }
}

#[tokio::test]
async fn a_value_is_never_filled_a_second_time() {
    assert_eq!(filled("{env.HOME}").await, "[/home/{http.request.method}]");
    let found = filled_with("{http.request.uri.query.q}", "/?q=%7Benv.HOME%7D", &[]).await;
    assert_eq!(found, "[{env.HOME}]");
    let found = filled_with(
        "{http.request.header.q}",
        "/",
        &[("q", "{http.request.method}")],
    )
    .await;
    assert_eq!(found, "[{http.request.method}]");
}

/// The real Caddy ends with a full stack.
#[tokio::test]
async fn a_map_that_asks_for_itself_twice_comes_to_an_end() {
    let routes = json!([{"handle": [
        {
            "handler": "map",
            "source": "x{m}{m}",
            "destinations": ["{m}"],
            "mappings": [{"input_regexp": "(.*)", "outputs": ["$1"]}],
        },
        {"handler": "static_response", "body": "{m}"},
    ]}]);
    let answer = serve_routes(serde_json::from_value(routes).unwrap());
    let answer = answer.get("/").await;
    let found = answer.text();
    assert!((1..=1000).contains(&found.len()), "{}", found.len());
    assert!(found.bytes().all(|byte| byte == b'x'), "{found}");
}

#[tokio::test]
async fn a_request_keeps_its_uuid_and_the_next_one_gets_another() {
    let server = serve(StaticResponse::default().body("{http.request.uuid} {http.request.uuid}"));
    let (first, second) = (server.get("/").await, server.get("/").await);
    let (one, same) = first.text().split_once(' ').unwrap();
    assert_eq!(one, same);
    assert_eq!(one.len(), 36);
    assert_eq!(one.as_bytes().get(14), Some(&b'4'));
    assert_ne!(first.text(), second.text());
}

#[test]
fn what_caddy_has_and_caddis_has_not_is_refused_by_name() {
    let errors = errors_of(StaticResponse::default().body("{http.handlers.x}"));
    let expected = "handle/0/body: `{http.handlers.x}` is a placeholder of Caddy that caddis does not have yet";
    assert_eq!(errors, [expected]);
}
