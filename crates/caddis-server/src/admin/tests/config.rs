//! Parts of the config are read and changed, with the statuses of Caddy 2.11.4.

use caddis_ir::Admin;
use serde_json::json;

use super::world::{ask, request, send, status, stub};
use crate::admin::serving::Serving;

#[tokio::test]
async fn parts_of_the_config_are_read_with_a_tag() {
    let stub = stub();
    let asked = ask(&stub, "GET /config/apps/http/servers/a/routes/0", "").await;
    assert_eq!(
        asked.body,
        "{\"@id\":\"r0\",\"handle\":[{\"body\":\"\\u003ca\\u003e\"}]}\n"
    );
    assert_eq!(asked.field("content-type"), "application/json");
    assert!(
        asked
            .field("etag")
            .starts_with("\"/config/apps/http/servers/a/routes/0 ")
    );
    let whole = ask(&stub, "GET /config/", "").await;
    assert!(
        whole
            .body
            .starts_with(r#"{"apps":{"http":{"servers":{"a":{"listen":[":1"],"routes":"#),
        "{}",
        whole.body
    );
    for (path, expected, body) in [
        ("/config/nope", 200, "null\n"),
        ("/config/nope/deeper", 400, ""),
        ("/config/%61pps/nope", 200, "null\n"),
        ("/config/apps%2fnope", 200, "null\n"),
        ("/id/r0/handle/0/body", 200, "\"\\u003ca\\u003e\"\n"),
        ("/id/r0/", 200, ""),
        ("/id/nope", 404, ""),
        ("/id/", 400, ""),
        ("/config/%zz", 400, ""),
    ] {
        let asked = ask(&stub, &format!("GET {path}"), "").await;
        assert_eq!(asked.status, expected, "{path}");
        assert!(
            body.is_empty() || asked.body == body,
            "{path}: {}",
            asked.body
        );
    }
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_long_ways_are_shortened() {
    let stub = stub();
    for (line, expected) in [
        ("GET /", 404),
        ("GET /configx", 404),
        ("GET /LOAD", 404),
        ("GET /load/", 404),
        ("GET /debug/pprof/", 404),
        ("GET /load", 405),
        ("GET /adapt", 405),
        ("GET /stop", 405),
        ("HEAD /config/", 405),
        ("TRACE /config/", 405),
    ] {
        assert_eq!(status(&stub, line, &[]).await, expected, "{line}");
    }
    for (path, place) in [
        ("/config", "/config/"),
        ("/id", "/id/"),
        ("//load", "/load"),
        ("/config/apps//http", "/config/apps/http"),
        ("/config/../config/apps/./", "/config/apps/"),
        ("/config//a%20b?x=1", "/config/a%20b?x=1"),
    ] {
        let asked = ask(&stub, &format!("GET {path}"), "").await;
        assert_eq!(
            (asked.status, asked.field("location")),
            (301, place),
            "{path}"
        );
    }
}

#[tokio::test]
async fn parts_of_the_config_are_changed() {
    const AT: &str = "/config/apps/http/servers/a";
    let stub = stub();
    for (line, body, expected) in [
        ("POST {}/listen", "\":2\"", 200),
        ("POST {}/listen/...", "[\":3\",\":4\"]", 200),
        ("POST {}/listen/...", "\":5\"", 500),
        ("PUT {}/listen/0", "\":0\"", 200),
        ("PUT {}/listen", "[]", 409),
        ("PUT {}/x/y", "1", 200),
        ("PATCH {}/x", "2", 200),
        ("PATCH {}/nope", "2", 404),
        ("PATCH {}/listen/9", "2", 500),
        ("DELETE {}/x", "", 200),
        ("DELETE {}/x", "", 404),
        ("DELETE {}/nope/x", "", 500),
        ("POST {}/routes", "{\"@id\":\"r0\"}", 400),
        ("POST {}/name", "{", 500),
        ("POST {}/name", "\"bad\"", 500),
        ("POST {}/name", "", 200),
        ("TRACE {}/name", "", 405),
        ("PATCH /id/r0/handle/0/body", "\"new\"", 200),
    ] {
        let asked = ask(&stub, &line.replace("{}", AT), body).await;
        assert_eq!(asked.status, expected, "{line} {body}: {}", asked.body);
    }
    let server = json!({
        "listen": [":0", ":1", ":2", ":3", ":4"], "name": null,
        "routes": [{ "@id": "r0", "handle": [{ "body": "new" }] }, { "handle": [] }],
    });
    assert_eq!(stub.current().json["apps"]["http"]["servers"]["a"], server);
}

#[tokio::test]
async fn a_change_has_to_be_json_by_its_type() {
    let stub = stub();
    for (kind, expected) in [
        ("application/json", 200),
        ("text/json; charset=utf-8", 200),
        ("foo/jsonx", 200),
        ("text/plain", 400),
        ("application/ld+json", 400),
        ("APPLICATION/JSON", 400),
        ("", 400),
    ] {
        let fields = [("content-type", kind)];
        let asked = send(
            &stub,
            &Admin::default(),
            request("POST /config/x", &fields, "1"),
        )
        .await;
        assert_eq!(asked.status, expected, "{kind}");
    }
    let asked = send(
        &stub,
        &Admin::default(),
        request("DELETE /config/x", &[], ""),
    )
    .await;
    assert_eq!(asked.status, 200);
}

#[tokio::test]
async fn a_change_may_be_for_what_was_read_only() {
    let stub = stub();
    let tag = ask(&stub, "GET /config/apps", "")
        .await
        .field("etag")
        .to_owned();
    let with = async |tag: &str| {
        let fields = [("content-type", "application/json"), ("if-match", tag)];
        send(
            &stub,
            &Admin::default(),
            request("POST /config/x", &fields, "1"),
        )
        .await
        .status
    };
    for (tag, expected) in [
        (tag.as_str(), 200),
        ("\"/config/apps 123\"", 412),
        ("\"/nope 1\"", 412),
        ("\"/config/nope/deep 1\"", 500),
        ("*", 400),
        ("\"x\"", 400),
        ("\"a b c\"", 400),
        ("W/\"/config/apps 1\"", 400),
        ("", 200),
    ] {
        assert_eq!(with(tag).await, expected, "{tag}");
    }
    ask(&stub, "PUT /config/apps/other", "{}").await;
    assert_eq!(with(&tag).await, 412);
}

#[tokio::test]
async fn a_path_cannot_make_a_config_deeper_than_what_can_be_read() {
    let stub = stub();
    let deep = "/a".repeat(10_000);
    assert_eq!(
        ask(&stub, &format!("PUT /config{deep}"), "1").await.status,
        400
    );
}

/// Paths are those of the handlers; who is not let in, and what is not there, is not counted. As in Caddy 2.11.4.
#[tokio::test]
async fn requests_are_counted_by_path_method_and_status() {
    let stub = stub();
    for line in [
        "GET /config/",
        "GET /config/apps",
        "GET /config",
        "MADEUP /config/",
        "GET /load",
        "GET /nothing",
        "GET /id/nobody",
    ] {
        status(&stub, line, &[]).await;
    }
    status(&stub, "GET /config/", &[("host", "evil.test")]).await;
    let asked = ask(&stub, "GET /metrics", "").await;
    assert_eq!(asked.status, 200);
    assert!(
        asked
            .field("content-type")
            .starts_with("text/plain; version=0.0.4;")
    );
    let counts = asked.body.lines();
    let counts = counts.filter_map(|line| line.strip_prefix("caddy_admin_http_request"));
    assert_eq!(
        counts.collect::<Vec<_>>(),
        [
            "_errors_total{handler=\"admin\",method=\"GET\",path=\"/id/\"} 1",
            "_errors_total{handler=\"admin\",method=\"GET\",path=\"/load\"} 1",
            "_errors_total{handler=\"admin\",method=\"OTHER\",path=\"/config/\"} 1",
            "s_total{code=\"200\",handler=\"admin\",method=\"GET\",path=\"/config/\"} 2",
            "s_total{code=\"404\",handler=\"admin\",method=\"GET\",path=\"/id/\"} 1",
            "s_total{code=\"405\",handler=\"admin\",method=\"GET\",path=\"/load\"} 1",
            "s_total{code=\"405\",handler=\"admin\",method=\"OTHER\",path=\"/config/\"} 1",
        ]
    );
}
