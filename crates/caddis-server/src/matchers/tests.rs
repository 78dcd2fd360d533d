//! Tests of matchers through a server in memory.

use caddis_ir::{Handler, MatcherSet, Server, StaticResponse};
use serde_json::{Value, json};

use crate::testing::{Answered, Served, environment, request, route, serve_in, serve_routes};

fn set(matchers: Value) -> MatcherSet {
    serde_json::from_value(matchers).unwrap()
}

fn hit(body: &str) -> Handler {
    StaticResponse::default().body(body).into()
}

/// Answers `hit` where the matchers match.
fn server(matchers: Value) -> Served {
    serve_routes(vec![route(set(matchers), vec![hit("hit")])])
}

fn is_hit(answer: &Answered) -> bool {
    answer.text() == "hit"
}

async fn matches(matchers: Value, path: &str, fields: &[(&str, &str)]) -> bool {
    is_hit(&server(matchers).get_with(path, fields).await)
}

fn errors(matchers: Value) -> Vec<String> {
    let server = Server {
        routes: vec![route(set(matchers), vec![hit("hit")])],
        ..Server::default()
    };
    let errors = serve_in(server, &environment()).err().unwrap_or_default();
    let line = |error: crate::BuildError| format!("{}: {}", error.path, error.message);
    errors.into_iter().map(line).collect()
}

#[tokio::test]
async fn hosts_are_compared_without_case_and_port() {
    for (pattern, host, expected) in [
        ("a.test", "a.test", true),
        ("a.test", "A.Test:8080", true),
        ("A.Test", "a.test", true),
        ("a.test", "a.test.", false),
        ("a.test", "xa.test", false),
        ("*.test", "a.test", true),
        ("*.test", "a.b.test", false),
        ("*.test", "test", false),
        ("*.*.test", "a.b.test", true),
        ("a.*.test", "a.b.test", true),
        ("a.*.test", "b.b.test", false),
        ("*", "localhost", true),
        ("*", "a.test", false),
        ("::1", "[::1]:80", true),
        ("{http.request.header.H}", "h.test", true),
    ] {
        let fields = [("host", host), ("h", "H.test")];
        let found = matches(json!({"host": [pattern]}), "/", &fields).await;
        assert_eq!(found, expected, "{pattern} {host}");
    }
}

/// CVE-2026-27588: above a hundred hosts Caddy once minded the case.
#[tokio::test]
async fn many_hosts_are_compared_without_case_too() {
    let hosts: Vec<String> = (0..101).map(|index| format!("h{index:03}.test")).collect();
    let many = server(json!({ "host": hosts }));
    assert!(is_hit(&many.get_with("/", &[("host", "H001.TEST")]).await));
    assert!(!is_hit(&many.get_with("/", &[("host", "H101.TEST")]).await));
}

/// CVE-2026-27587: patterns with an escape once minded the case.
#[tokio::test]
async fn a_path_with_an_escape_is_compared_without_case_too() {
    assert!(matches(json!({"path": ["/admin%2f*"]}), "/ADMIN%2Fx", &[]).await);
}

#[tokio::test]
async fn methods_are_compared_as_they_are() {
    let get = server(json!({"method": ["GET", "no method"]}));
    assert!(is_hit(&get.get("/").await));
    let mut lower = request("/");
    *lower.method_mut() = "get".parse().unwrap();
    assert!(!is_hit(&get.ask(lower).await.unwrap()));
}

#[tokio::test]
async fn header_fields_are_compared_as_in_caddy() {
    for (wanted, expected) in [
        (json!({"X-A": ["one"]}), true),
        (json!({"x-a": ["two"]}), true),
        (json!({"X-A": ["ONE"]}), false),
        (json!({"X-A": ["on"]}), false),
        (json!({"X-A": ["o*"]}), true),
        (json!({"X-A": ["*e"]}), true),
        (json!({"X-A": ["*n*"]}), true),
        (json!({"X-A": ["*"]}), true),
        (json!({"X-A": ["zz", "one"]}), true),
        (json!({"X-A": []}), true),
        (json!({"X-A": null}), false),
        (json!({"X-B": []}), false),
        (json!({"X-B": null}), true),
        (json!({"X-B": ["*"]}), false),
        (json!({"Host": ["a.test"]}), true),
        (json!({"X-A": ["one"], "X-B": null}), true),
        (json!({"X-A": ["one"], "X-B": ["x"]}), false),
        (json!({"X-A": ["{http.request.method}"]}), false),
        (json!({"X-C": ["{http.request.method}"]}), true),
    ] {
        let fields = [("x-a", "one"), ("x-a", "two"), ("x-c", "GET")];
        let found = matches(json!({ "header": wanted }), "/", &fields).await;
        assert_eq!(found, expected, "{wanted}");
    }
}

#[tokio::test]
async fn query_parameters_are_compared_as_in_caddy() {
    for (wanted, path, expected) in [
        (json!({"a": ["1"]}), "/?a=1", true),
        (json!({"a": ["1"]}), "/?a=2&a=1", true),
        (json!({"a": ["1", "2"]}), "/?a=2", true),
        (json!({"a": ["1"], "b": ["2"]}), "/?a=1", false),
        (json!({"a": ["1"], "b": ["2"]}), "/?b=2&a=1", true),
        (json!({"a": ["*"]}), "/?a", true),
        (json!({"a": ["*"]}), "/?b", false),
        (json!({"a": [""]}), "/?a", true),
        (json!({"a": ["x y"]}), "/?a=x+y", true),
        (json!({"a": ["x y"]}), "/?a=x%20y", true),
        (json!({"a": ["1"]}), "/?a=1&b=%zz", false),
        (json!({"a": ["1"]}), "/?a=1;b=2", false),
        (json!({}), "/", true),
        (json!({}), "/?a", false),
        (
            json!({"{http.request.method}": ["{http.request.uri.path}"]}),
            "/x?GET=/x",
            true,
        ),
    ] {
        let found = matches(json!({ "query": wanted }), path, &[]).await;
        assert_eq!(found, expected, "{wanted} {path}");
    }
}

#[tokio::test]
async fn protocols_are_told_apart() {
    for (protocol, expected) in [
        ("http", true),
        ("https", false),
        ("http/1.1", true),
        ("http/1.0+", true),
        ("http/1.1+", true),
        ("http/1.0", false),
        ("http/2", false),
        ("http/2+", false),
        ("http/3", false),
        ("grpc", true),
        ("gopher", false),
    ] {
        let fields = [("content-type", "application/grpc+proto")];
        let found = matches(json!({ "protocol": protocol }), "/", &fields).await;
        assert_eq!(found, expected, "{protocol}");
    }
}

#[tokio::test]
async fn addresses_are_compared_with_ranges() {
    for (range, peer, expected) in [
        ("192.0.2.1", "192.0.2.1", true),
        ("192.0.2.0/24", "192.0.2.77", true),
        ("192.0.2.0/24", "192.0.3.1", false),
        ("192.0.2.0/24", "::ffff:192.0.2.7", true),
        ("::ffff:192.0.2.0/120", "192.0.2.7", true),
        ("2001:db8::/32", "2001:db8::1", true),
        ("2001:db8::/32", "192.0.2.1", false),
    ] {
        for matcher in ["remote_ip", "client_ip"] {
            let asked = server(json!({matcher: {"ranges": ["10.0.0.0/8", range]}})).asked_by(peer);
            assert_eq!(
                is_hit(&asked.get("/").await),
                expected,
                "{matcher} {range} {peer}"
            );
        }
    }
}

#[tokio::test]
async fn groups_of_expressions_become_placeholders() {
    let matchers =
        json!({"path_regexp": {"name": "p", "pattern": "^/(?P<first>[^/]+)/(\\d+)(x)?$"}});
    let body = "{http.regexp.p.0} {http.regexp.p.first} {http.regexp.p.1} {http.regexp.2} {http.regexp.p.3}|";
    let server = serve_routes(vec![route(set(matchers), vec![hit(body)])]);
    assert_eq!(
        server.get("/user/42").await.text(),
        "/user/42 user user 42 |"
    );
    assert_eq!(server.get("/user/x").await.text(), "");
}

#[tokio::test]
async fn an_expression_sees_the_path_clean_and_in_its_own_case() {
    let matchers = json!({"path_regexp": {"pattern": "^/Admin/x$"}});
    for (path, expected) in [
        ("/Admin/x", true),
        ("/admin/x", false),
        ("//Admin//x", true),
        ("/y/../Admin/./x", true),
        ("/%41dmin%2fx", true),
    ] {
        assert_eq!(
            matches(matchers.clone(), path, &[]).await,
            expected,
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_byte_that_is_no_utf_8_does_not_lead_around_an_expression() {
    let matchers = json!({"path_regexp": {"pattern": "^/.*\\.php$"}});
    assert!(matches(matchers, "/%ff.php", &[]).await);
}

#[tokio::test]
async fn expressions_mean_what_they_mean_in_go() {
    for (pattern, value, expected) in [
        ("^\\d$", "1", true),
        ("^\\d$", "\u{0661}", false),
        ("^\\w+$", "aZ_9", true),
        ("^\\w$", "ä", false),
        ("^[\\w-]+$", "a-b", true),
        ("^[^\\d]$", "x", true),
        ("^[\\D]$", "1", false),
        ("^[[]$", "[", true),
        ("^[]]$", "]", true),
        ("^[^]]$", "]", false),
        ("^[[:alpha:]]$", "x", true),
        ("^[a&&b]+$", "&", true),
        ("\\bfoo\\b", "a foo b", true),
        ("\\bfoo\\b", "äfoo", true),
        ("^\\Qa.b\\E$", "a.b", true),
        ("^\\Qa.b\\E$", "axb", false),
        ("^\\<a\\>$", "<a>", true),
        ("(?i)^bEaReR$", "bearer", true),
    ] {
        let matchers = json!({"header_regexp": {"X": {"pattern": pattern}}});
        let mut request = request("/");
        let value_bytes = http::HeaderValue::from_bytes(value.as_bytes()).unwrap();
        request.headers_mut().insert("X", value_bytes);
        let answer = server(matchers).ask(request).await.unwrap();
        assert_eq!(is_hit(&answer), expected, "{pattern} {value}");
    }
}

#[tokio::test]
async fn not_matches_where_none_of_its_sets_does() {
    let not = json!({"not": [{"path": ["/a*"]}, {"method": ["POST"]}]});
    assert!(matches(not.clone(), "/b", &[]).await);
    assert!(!matches(not, "/a", &[]).await);
    assert!(!matches(json!({"not": [{}]}), "/", &[]).await);
}

#[tokio::test]
async fn the_guides_bearer_token_is_asked_for() {
    let not = json!({"not": [{"header": {"Authorization": ["Bearer YOUR_SECRET_TOKEN"]}}]});
    let refuse = StaticResponse::status(401).into();
    let server = serve_routes(vec![
        route(set(not), vec![refuse]),
        route(None, vec![hit("hit")]),
    ]);
    let ask = |value: &'static str| {
        let server = &server;
        async move {
            server
                .get_with("/", &[("authorization", value)])
                .await
                .status
                .as_u16()
        }
    };
    assert_eq!(server.get("/").await.status, 401);
    assert_eq!(ask("Bearer YOUR_SECRET_TOKEN").await, 200);
    assert_eq!(ask("Bearer YOUR_SECRET_TOKE").await, 401);
    assert_eq!(ask("bearer YOUR_SECRET_TOKEN").await, 401);
    assert_eq!(ask("Bearer YOUR_SECRET_TOKENx").await, 401);
}

#[test]
fn matchers_that_cannot_be_are_refused_at_their_place() {
    let at = "apps/http/servers/srv0/routes/0/match/0";
    for (matchers, expected) in [
        (
            json!({"path_regexp": {"pattern": "("}}),
            format!("{at}/path_regexp/pattern: `(` is not a regular expression: unclosed group"),
        ),
        (
            json!({"header_regexp": {"X": {"pattern": "a(?!b)"}}}),
            format!(
                "{at}/header_regexp/X/pattern: `a(?!b)` is not a regular expression: \
                 look-around, including look-ahead and look-behind, is not supported"
            ),
        ),
        (
            json!({"remote_ip": {"ranges": ["10.0.0.0/8", "10.0.0.0/33"]}}),
            format!("{at}/remote_ip/ranges/1: `10.0.0.0/33` is not an IP address or prefix"),
        ),
        (
            json!({"client_ip": {"ranges": ["{http.request.host}"]}}),
            format!(
                "{at}/client_ip/ranges/0: `{{http.request.host}}` depends on the request, \
                 and is read when the config is loaded"
            ),
        ),
        (
            json!({"host": ["a.test", "A.test"]}),
            format!("{at}/host/1: host `A.test` is here twice, at 0 and 1"),
        ),
    ] {
        assert_eq!(errors(matchers), [expected]);
    }
}
