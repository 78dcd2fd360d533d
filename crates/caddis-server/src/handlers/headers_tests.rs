//! Tests of `headers` through a server in memory; the answers were recorded from Caddy 2.11.4.

use caddis_ir::{Handler, Headers, Rewrite, StaticError, StaticResponse};
use serde_json::{Value, json};

use crate::testing::{Answered, errors_of, request, route, serve_routes};

fn headers(config: Value) -> Handler {
    Handler::Headers(serde_json::from_value::<Headers>(config).unwrap())
}

/// What the handlers after `headers` see of the request.
async fn seen(rules: Value) -> String {
    let body = "h={http.request.hostport} A={http.request.header.X-A} B={http.request.header.X-B}";
    let body = StaticResponse::default().body(body);
    let handle = vec![headers(json!({ "request": rules })), body.into()];
    let mut request = request("/");
    let fields = request.headers_mut();
    fields.insert("Host", "a.test:9".parse().unwrap());
    fields.append("X-A", "one".parse().unwrap());
    fields.append("X-A", "onono".parse().unwrap());
    let answer = serve_routes(vec![route(None, handle)]).ask(request).await;
    answer.unwrap().text().to_owned()
}

async fn answered(rules: Value, last: impl Into<Handler>) -> Answered {
    let handle = vec![headers(json!({ "response": rules })), last.into()];
    serve_routes(vec![route(None, handle)]).get("/path").await
}

fn hello() -> StaticResponse {
    StaticResponse::default().body("hello")
}

#[tokio::test]
async fn a_request_has_one_host_however_it_is_edited() {
    let cases = [
        (json!({"set": {"Host": ["new.test"]}}), "new.test"),
        (json!({"set": {"Host": ["new.test", "b"]}}), "new.test,b"),
        (json!({"add": {"Host": ["new.test"]}}), "new.test"),
        (json!({"delete": ["Host"]}), ""),
        (json!({"delete": ["h*"]}), ""),
        (
            json!({"replace": {"Host": [{"search": "a", "replace": "z"}]}}),
            "z.test:9",
        ),
    ];
    for (rules, host) in cases {
        let expected = format!("h={host} A=one,onono B=");
        assert_eq!(seen(rules.clone()).await, expected, "{rules}");
    }
    assert_eq!(seen(json!({"delete": ["*"]})).await, "h= A= B=");
}

#[tokio::test]
async fn fields_of_a_request_are_edited_as_in_caddy() {
    let cases = [
        (json!({"delete": ["x-*"]}), "A= B="),
        (json!({"delete": ["*-A"]}), "A= B="),
        (json!({"delete": ["*-*"]}), "A= B="),
        (json!({"set": {"X-B": ["1", "2"]}}), "A=one,onono B=1,2"),
        (json!({"set": {"X-B": []}}), "A=one,onono B="),
        (json!({"add": {"X-B": ["1", "2"]}}), "A=one,onono B=1,2"),
        (
            json!({"set": {"X-B": ["{nope}{http.request.method}"]}}),
            "A=one,onono B={nope}GET",
        ),
        (
            json!({"replace": {"X-A": [{"search_regexp": "^(.)", "replace": "<$1>"}]}}),
            "A=<o>ne,<o>nono B=",
        ),
        (
            json!({"replace": {"X-A": [{"search_regexp": "(o)(n)", "replace": "$2x$1"}]}}),
            "A=oe,ooo B=",
        ),
        (
            json!({"replace": {"X-A": [{"search_regexp": "(?P<k>o)", "replace": "${k}${1}$$"}]}}),
            "A=oo$ne,oo$noo$noo$ B=",
        ),
        (
            json!({"replace": {"*": [{"search": "o", "replace": "0"}]}}),
            "A=0ne,0n0n0 B=",
        ),
    ];
    for (rules, expected) in cases {
        let expected = format!("h=a.test:9 {expected}");
        assert_eq!(seen(rules.clone()).await, expected, "{rules}");
    }
}

#[tokio::test]
async fn rules_are_applied_in_the_order_add_set_delete_replace() {
    let rules = json!({
        "replace": {"X-B": [{"search": "s", "replace": "t"}]},
        "delete": ["X-A"],
        "set": {"X-B": ["s"]},
        "add": {"X-B": ["a"]},
    });
    assert_eq!(seen(rules).await, "h=a.test:9 A= B=t");
}

#[tokio::test]
async fn a_response_gets_every_added_value_and_one_set_value() {
    let rules = json!({"set": {"X-R": ["1", "2"]}, "add": {"X-Q": ["1", "2"]}});
    let answer = answered(rules, hello()).await;
    assert_eq!(answer.field("x-r"), ["1,2"]);
    assert_eq!(answer.field("x-q"), ["1", "2"]);
}

#[tokio::test]
async fn a_type_that_is_set_before_keeps_the_handler_from_choosing_one() {
    let answer = answered(json!({"set": {"Content-Type": ["foo/bar"]}}), hello()).await;
    assert_eq!(answer.field("content-type"), ["foo/bar"]);
}

#[tokio::test]
async fn only_a_deferred_rule_sees_what_the_handlers_wrote() {
    let replace = json!({"Content-Type": [{"search": "plain", "replace": "html"}]});
    let answer = answered(json!({ "replace": replace }), hello()).await;
    assert_eq!(answer.field("content-type"), ["text/plain; charset=utf-8"]);
    let answer = answered(json!({"replace": replace, "deferred": true}), hello()).await;
    assert_eq!(answer.field("content-type"), ["text/html; charset=utf-8"]);
}

#[tokio::test]
async fn the_name_of_the_server_can_be_taken_away_and_replaced() {
    assert_eq!(
        answered(json!({}), hello()).await.field("server"),
        ["caddis"]
    );
    assert_eq!(
        answered(json!({"delete": ["Server"]}), hello())
            .await
            .field("server"),
        [""; 0]
    );
    let deferred = json!({"delete": ["Server"], "deferred": true});
    assert_eq!(answered(deferred, hello()).await.field("server"), [""; 0]);
    let answer = answered(json!({"set": {"Server": ["foo"]}}), hello()).await;
    assert_eq!(answer.field("server"), ["foo"]);
}

#[tokio::test]
async fn a_rule_may_ask_for_a_status_or_a_field() {
    let cases = [
        (json!({"status_code": [2]}), true),
        (json!({"status_code": [200]}), true),
        (json!({"status_code": [404, 5]}), false),
        (json!({"headers": {"Content-Type": ["text/*"]}}), true),
        (json!({"headers": {"Content-Type": null}}), false),
    ];
    for (require, applies) in cases {
        let rules = json!({"set": {"X": ["y"]}, "require": require});
        let answer = answered(rules, hello()).await;
        assert_eq!(!answer.field("x").is_empty(), applies, "{require}");
    }
}

#[tokio::test]
async fn deferred_placeholders_see_the_response_and_the_last_rewrite() {
    let rules = json!({
        "set": {"X": ["{http.response.header.Content-Type} {http.request.uri}"]},
        "deferred": true,
    });
    let rewrite = Handler::Rewrite(Rewrite {
        uri: "/new?x".into(),
        ..Rewrite::default()
    });
    let handle = vec![
        headers(json!({ "response": rules })),
        rewrite,
        hello().into(),
    ];
    let answer = serve_routes(vec![route(None, handle)]).get("/old").await;
    assert_eq!(answer.field("x"), ["text/plain; charset=utf-8 /new?x"]);
}

#[tokio::test]
async fn what_is_noted_before_an_error_goes_out_with_it_and_deferred_rules_do_not() {
    let error = || {
        Handler::Error(StaticError {
            status_code: Some(404.into()),
            ..StaticError::default()
        })
    };
    let answer = answered(json!({"set": {"X": ["y"]}}), error()).await;
    assert_eq!(
        (answer.status.as_u16(), answer.field("x")),
        (404, vec!["y".to_owned()])
    );
    let answer = answered(json!({"set": {"X": ["y"]}, "deferred": true}), error()).await;
    assert_eq!((answer.status.as_u16(), answer.field("x")), (404, vec![]));
}

#[tokio::test]
async fn no_rule_can_make_an_answer_shorter_than_it_is() {
    let rules = json!({"set": {"Content-Length": ["1"]}, "deferred": true});
    let answer = answered(rules, hello()).await;
    assert_eq!(
        (answer.field("content-length"), answer.text()),
        (vec!["5".to_owned()], "hello")
    );
}

#[test]
fn names_and_expressions_that_are_none_are_refused_at_their_place() {
    let errors = errors_of(headers(json!({"response": {
        "set": {"bad name": ["1"]},
        "replace": {"X": [{"search_regexp": "(", "replace": ""}]},
    }})));
    assert_eq!(
        errors,
        [
            "handle/0/response/set/bad name: `bad name` is not the name of a header field",
            "handle/0/response/replace/X/0/search_regexp: `(` is not a regular expression: unclosed group",
        ]
    );
}
